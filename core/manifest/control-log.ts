import type { Finding } from '../detector/finding.ts'

/**
 * What changed how events are judged, besides the events themselves, so that live can be replayed. An entry holds for
 * what was judged after it, in the order of the log; `at` is the event time up to which everything was sealed then, epoch
 * milliseconds, 0 before the first seal.
 */
export type ControlEntry =
  /** In force from here on. `sources` names how the sources were read: see `Snapshot`. */
  | { readonly kind: 'manifest'; readonly at: number; readonly digest: string; readonly sources?: string }
  /**
   * Everything up to these positions was judged, and everything before `at` sealed. Partitions that have not moved since
   * the entry before are left out; the first entry of a process has all.
   */
  | { readonly kind: 'cut'; readonly at: number; readonly positions: readonly PartitionPosition[] }
  /** What may be done about findings changed: playbooks, limits, actions. Findings do not depend on it. */
  | { readonly kind: 'response'; readonly at: number; readonly digest: string }
  | { readonly kind: 'source-idle'; readonly at: number; readonly partition: string }
  /** The partition gave its first event since the start or since it was idle, at the offset `from`. */
  | {
      readonly kind: 'source-active'
      readonly at: number
      readonly partition: string
      readonly from?: number
    }
  /** Records of a source that nobody can read any more, or that a partition of entities did not judge: offsets `from` to before `to`. */
  | ({ readonly kind: 'lost-range'; readonly at: number; readonly why: string } & PartitionRange)
  /** Every source was idle: the watermark was moved by the clock. */
  | { readonly kind: 'watermark'; readonly at: number }
  /**
   * Of the events from `from` to before `to`, those whose time is before `at` were late, and not judged. In a cluster, where
   * partitions of entities merge panes, those in panes that end by then: in the one that wrote it.
   */
  | ({ readonly kind: 'late'; readonly at: number } & PartitionRange)
  /**
   * Records from `from` to before `to` were refused for a reason that is not in them alone: by the collector's clock, which
   * showed `received` (the others of the range were not too far ahead of it), or, without it, all of them.
   */
  | ({ readonly kind: 'refused-range'; readonly at: number; readonly received?: number } & PartitionRange)
  /** An operational finding. It goes by the clock, so a replay of live gives it as it was told. */
  | { readonly kind: 'note'; readonly at: number; readonly finding: Finding }
  | { readonly kind: 'decision'; readonly at: number; readonly decision: string; readonly inForce: boolean }

/** A partition by its `partitionKey`, and the next offset that is read of it. */
export type PartitionPosition = readonly [partition: string, next: number]

/** Offsets of a partition (its `partitionKey`) from `from` to before `to`. */
export interface PartitionRange {
  readonly partition: string
  readonly from: number
  readonly to: number
}

/** A text under the digest that names it: manifests, baselines, and how sources were read. Kept for ever. */
export interface Snapshot {
  readonly digest: string
  readonly text: string
}
