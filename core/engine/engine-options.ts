import type { ConfiguredDetector } from '../detector/detector.ts'
import type { Lane } from '../detector/finding.ts'
import type { KeyedHash } from '../hash/keyed-hash.ts'
import type { PackBounds } from './pack-ledger.ts'
import type { ThresholdLookup } from './runner-options.ts'
import type { Keeping } from './slot-changes.ts'

export interface EngineOptions {
  readonly space: string
  readonly lane: Lane
  /** Digest of the manifest, carried by every finding. */
  readonly manifest: string
  readonly detectors: readonly ConfiguredDetector[]
  /** Keyed by the space's key; the public one in replay and tests. */
  readonly hash: KeyedHash
  readonly threshold?: ThresholdLookup
  /** Entities with sealed state kept per detector. */
  readonly entitiesMax?: number
  /** Entities held per detector, open ones included; beyond it new ones are turned away. */
  readonly openMax?: number
  /** What becomes of changes: nothing in replay, where they are not remembered. `packs` when absent. */
  readonly keeping?: Keeping
  /** When logs of packs are cleaned. */
  readonly packBounds?: PackBounds
  /** Judges also what a detector says needs no judging; slower, and the findings are the same. */
  readonly judgeAll?: boolean
}
