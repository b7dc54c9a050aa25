import type { PicketConfig } from '../../../config/picket-config.ts'
import { type Baseline, emptyBaseline } from '../../../core/baseline/baseline.ts'
import type { SourceMarker } from '../../../core/cluster/observation.ts'
import type { ConfiguredDetector } from '../../../core/detector/detector.ts'
import type { Finding } from '../../../core/detector/finding.ts'
import { partitionKey } from '../../../core/event/position.ts'
import type { SourceFacts } from '../../../core/watch/facts.ts'
import { ToldFields } from '../../../core/watch/told-fields.ts'
import type { SelfWatch } from '../../runtime/status/self-watch.ts'
import { selfWatch } from '../../runtime/status/self-watch-of.ts'
import { watchingPartition } from '../ingest/observation-messages.ts'

export interface ClusterWatchOptions {
  readonly config: Pick<PicketConfig, 'space' | 'sources'>
  readonly detectors: readonly ConfiguredDetector[]
  readonly baseline: Baseline
  /** Digest of the manifest. */
  readonly digest: string
  /** Findings that are open from before. */
  readonly restored: readonly Finding[]
  readonly partition: number
}

/** Where a partition of entities stands. */
export interface Standing {
  /** Epoch milliseconds by the clock. */
  readonly now: number
  readonly watermark: number
  readonly markers: Iterable<SourceMarker>
  /** Some input partition holds time back. */
  readonly isReading: boolean
  /** Messages of observations that wait. */
  readonly waiting: number
}

const lookEveryMs = 1000

/** What helps is another process, not a thread. */
const advice = {
  'telemetry-lag':
    'while a backlog is read this passes by itself; else see which partition is behind (picket_watermark_lag_seconds of `detect`) and whether an `ingest` process reads it, whether a `detect` process is held up (its /readyz says so), and whether the sender or the clock of its machine is late',
  'silent-source':
    'see whether an `ingest` process runs, whether the sender still sends, and whether the topic is still the right one; what does not come is not judged',
  'falling-behind':
    'start another process of the role that is behind: `ingest` while picket_kafka_lag_records grows, `detect` while picket_cluster_lag_messages does; each takes partitions over by itself',
  'late-share':
    "raise the source's `lateness` (final findings then come later by as much), or find out why it delivers late; events were counted as often as detectors saw them, in one partition of entities; what is late is not judged",
  'stale-baseline':
    '`picket baseline build`: every `detect` process follows the new one, and thresholds follow what was usual then',
} as const

/**
 * Has a cluster watch itself from where all is told: markers say of each input partition how far it was read, how much was
 * refused and which fields its events have. The partition of entities number 0 watches for all of them, the others their own lag.
 * The id of a finding depends on condition and period alone, so what two of them tell is one finding.
 */
export class ClusterWatch {
  readonly #watch: SelfWatch
  readonly #fields = new ToldFields()
  readonly #sums = new Map<string, SourceFacts>()
  readonly #isForAll: boolean
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor({ partition, detectors, baseline, restored, ...options }: ClusterWatchOptions) {
    this.#isForAll = partition === watchingPartition
    this.#watch = selfWatch({
      ...options,
      detectors: this.#isForAll ? detectors : [],
      baseline: this.#isForAll ? baseline : emptyBaseline,
      restored: { openFindings: restored },
      offered: this.#fields,
      advice,
    })
  }

  /** A marker came, behind panes of so many events, of which so many were late. */
  took(
    { source, partition, records, refused, sample }: SourceMarker,
    { events, late }: { readonly events: number; readonly late: number },
  ): void {
    const sum = this.#sums.get(source) ?? {
      name: source,
      records: 0,
      accepted: 0,
      late: 0,
      refused: 0,
      isOver: false,
    }
    this.#sums.set(source, {
      ...sum,
      records: sum.records + records,
      accepted: sum.accepted + events,
      late: sum.late + late,
      refused: sum.refused + refused,
    })
    if (sample) this.#fields.take(partitionKey(source, partition), sample)
  }

  /** Call it as often as you like; it looks about every second. Returns findings to commit, each once. */
  look({ now, watermark, markers, isReading, waiting }: Standing): readonly Finding[] {
    if (now - this.#lookedAt < lookEveryMs) return []
    this.#lookedAt = now
    return this.#watch.look({
      now,
      entityCounts: () => this.#fields.worked,
      facts: () => ({
        at: now,
        watermark,
        isReading,
        // Of sources that end nothing is told but how much was read.
        sources: [...this.#sums.values()].map((sum) =>
          this.#isForAll ? sum : { ...sum, late: 0, refused: 0, isOver: true },
        ),
        waiting: [...markers].reduce((all, marker) => all + marker.waiting, waiting),
      }),
    })
  }
}
