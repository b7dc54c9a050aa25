import { createHash } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'

/** Everything besides the events that findings depend on. Equal manifests and equal events: equal findings. */
export interface Manifest {
  /** Version of Picket's code. */
  readonly picket: string
  readonly space: string
  /** Every detector in force, by id, with its parsed config. */
  readonly detectors: readonly { readonly id: string; readonly version: number; readonly config: unknown }[]
  /** Digest of the baseline snapshot, or `none`. */
  readonly baseline: string
  /** Digest of the route table, or `none`. */
  readonly routes: string
  /** Digest of the privacy key, never the key. */
  readonly key: string
}

/** Names a manifest: `m1:` and the first 16 hex digits of the SHA-256 of its canonical JSON. */
export function manifestDigest(manifest: Manifest): string {
  return `m1:${createHash('sha256').update(canonicalJson(manifest)).digest('hex').slice(0, 16)}`
}
