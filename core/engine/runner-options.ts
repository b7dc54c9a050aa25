import type { ConfiguredDetector, Detector, Threshold } from '../detector/detector.ts'
import type { Finding } from '../detector/finding.ts'
import type { Entity } from '../entity/entity.ts'
import type { KeyedHash } from '../hash/keyed-hash.ts'
import type { PackBounds } from './pack-ledger.ts'
import type { FindingFrame } from './period-findings.ts'
import type { SealedPane } from './sealed-pane.ts'
import type { Keeping } from './slot-changes.ts'

/** Looks up a threshold for the entity of a window; `at` is the start of the pane that ends it. */
export type ThresholdLookup = (
  detector: Detector,
  entity: Entity,
  at: number,
  measure: string,
  wanted: { readonly floor: number; readonly k: number; readonly group?: string },
) => Threshold

export interface RunnerOptions {
  /** Instances of one detector that observe alike. */
  readonly instances: readonly [ConfiguredDetector, ...ConfiguredDetector[]]
  readonly frame: Omit<FindingFrame, 'detector' | 'version' | 'windowMs'>
  readonly hash: KeyedHash
  /** The same, for texts that come once: it remembers none. */
  readonly hashOnce: KeyedHash
  readonly threshold: ThresholdLookup
  /** Entities with sealed state that are kept. */
  readonly entitiesMax: number
  /** Entities that are held at all, open ones included. */
  readonly openMax: number
  readonly keeping: Keeping
  readonly packBounds?: PackBounds | undefined
  /** Judges also what the detector says needs no judging: for the test that this changes nothing. */
  readonly judgeAll: boolean
  readonly onFinding: (finding: Finding) => void
  readonly onSealed: (pane: SealedPane) => void
  /** Entities of a detector were evicted when this pane was sealed. */
  readonly onEvicted: (detector: Detector, count: number, at: number) => void
}
