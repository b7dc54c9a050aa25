import type { PartitionLane } from '../../pipeline/partition-lane.ts'
import { type SourceSums, sourceSums } from '../../runtime/status/source-sums.ts'

type Counted = Pick<PartitionLane, 'source' | 'records' | 'accepted' | 'late' | 'refused' | 'marksIgnored'>

/** What was read by source since the start, also of partitions that others read by now. */
export class LaneSums {
  readonly #open = new Set<Counted>()
  readonly #closed = new Map<string, Counted>()

  opened(lane: Counted): void {
    this.#open.add(lane)
  }

  /** Keeps the numbers and lets the lane go. */
  closed(lane: Counted): void {
    if (!this.#open.delete(lane)) return
    const before = this.#closed.get(lane.source)
    const [sum] = sourceSums(before ? [before, lane] : [lane], [])
    if (sum) this.#closed.set(lane.source, { ...sum, source: sum.name })
  }

  sums(): SourceSums[] {
    return sourceSums([...this.#closed.values(), ...this.#open], [])
  }
}
