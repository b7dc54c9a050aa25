import { createHash } from 'node:crypto'
import type { PicketConfig } from '../../../config/picket-config.ts'
import type { Baseline } from '../../../core/baseline/baseline.ts'
import { serializeBaseline } from '../../../core/baseline/baseline-codec.ts'
import { canonicalJson } from '../../../core/manifest/canonical-json.ts'
import type { Snapshot } from '../../../core/manifest/control-log.ts'
import type { Manifest } from '../../../core/manifest/manifest.ts'
import type { RunSetup } from '../../pipeline/recorder.ts'

/** The settings of a run that a replay of its events needs, as they were in force. Secrets are references. */
export type DetectionSettings = Pick<PicketConfig, 'space' | 'routes' | 'ingest' | 'privacy'>

/** What a manifest's digest names in the state. */
export interface StoredManifest {
  readonly manifest: Manifest
  readonly settings: DetectionSettings
}

export interface RunSetupOptions {
  readonly config: DetectionSettings & Pick<PicketConfig, 'sources'>
  readonly manifest: Manifest
  /** Of the manifest. */
  readonly digest: string
  readonly baseline: Baseline
}

/** What a run stores of itself when it starts: manifest, baseline and how sources are read, each under its digest. */
export function runSetup({ config, manifest, digest, baseline }: RunSetupOptions): RunSetup {
  const { space, routes, ingest, privacy } = config
  const stored: StoredManifest = { manifest, settings: { space, routes, ingest, privacy } }
  const sources = canonicalJson(config.sources)
  const sourcesDigest = `s1:${createHash('sha256').update(sources).digest('hex').slice(0, 16)}`
  const snapshots: Snapshot[] = [
    { digest, text: canonicalJson(stored) },
    { digest: sourcesDigest, text: sources },
    ...(baseline.digest === 'none' ? [] : [{ digest: baseline.digest, text: serializeBaseline(baseline) }]),
  ]
  return { manifest: digest, sources: sourcesDigest, snapshots }
}
