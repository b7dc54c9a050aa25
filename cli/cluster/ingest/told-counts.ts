import type { SourceMarker } from '../../../core/cluster/observation.ts'
import { groupsThatObserveAlike } from '../../../core/engine/instances.ts'
import type { PanePack } from '../../../core/engine/pane-pack.ts'
import type { Event } from '../../../core/event/event.ts'
import { FieldSample } from '../../../core/watch/field-sample.ts'
import type { PartitionLane } from '../../pipeline/partition-lane.ts'
import type { Cluster } from '../cluster.ts'

/** A new judge of the cluster's health knows after so long what the one before knew, milliseconds. */
const sampleEveryMs = 10_000

/** What markers tell besides positions and times, so that `detect` can watch over all input at once. */
export class ToldCounts {
  readonly #lane: Pick<PartitionLane, 'records' | 'refused'>
  readonly #fields: FieldSample
  /** Detectors by the one under whose name their panes are collected. */
  readonly #alike: ReadonlyMap<string, readonly string[]>
  readonly #worked = new Set<string>()
  #before = { records: 0, refused: 0 }
  #isUntold = false
  #sampledAt = Number.NEGATIVE_INFINITY

  constructor({ loaded }: Pick<Cluster, 'loaded'>, lane: Pick<PartitionLane, 'records' | 'refused'>) {
    this.#lane = lane
    this.#fields = new FieldSample(new Set(loaded.detectors.flatMap(({ detector }) => detector.reads)))
    this.#alike = new Map(
      groupsThatObserveAlike(loaded.detectors).map((group) => [
        group[0].detector.id,
        group.map(({ detector }) => detector.id),
      ]),
    )
  }

  /** Accepted events, in their order. */
  sample(items: readonly { readonly event: Event }[]): void {
    this.#fields.add(items)
    this.#isUntold ||= items.length > 0
  }

  /** Whether a sample should be told by now, though nothing else is to tell. */
  isDue(now: number): boolean {
    return this.#isUntold && now - this.#sampledAt >= sampleEveryMs
  }

  /** What came since the call before, which was collected as these panes. `now`: epoch milliseconds by the clock. */
  next(
    now: number,
    panes: readonly Pick<PanePack, 'detector'>[],
  ): Pick<SourceMarker, 'records' | 'refused'> & Partial<SourceMarker> {
    for (const { detector } of panes) {
      for (const id of this.#alike.get(detector) ?? []) this.#worked.add(id)
    }
    const { records, refused } = this.#lane
    const counts = { records: records - this.#before.records, refused: refused - this.#before.refused }
    this.#before = { records, refused }
    if (now - this.#sampledAt < sampleEveryMs) return counts
    this.#sampledAt = now
    this.#isUntold = false
    const byVantage = [...this.#fields.byVantage].map(([vantage, { events, present }]) => ({
      vantage,
      events,
      fields: [...present.keys()],
    }))
    return { ...counts, sample: { byVantage, worked: [...this.#worked] } }
  }
}
