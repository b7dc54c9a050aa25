import { Collector } from '../../../core/engine/collector.ts'
import type { Located } from '../../pipeline/partition-lane.ts'
import { sampleHash } from '../../runtime/detection.ts'
import type { StoredDetection } from '../../runtime/recording/stored-detection.ts'
import type { CollectedAt, JudgedPartition } from './judged-partition.ts'

/** Events that are collected together, at most. */
const eventsMax = 10_000

export interface CollectingOptions {
  readonly readBy: StoredDetection
  readonly layout: string
  /** By number. */
  readonly partitions: readonly (JudgedPartition | undefined)[]
}

/**
 * Collects what detectors see of events, as `ingest` did, and deals it to the partitions. In which pieces makes no difference, but
 * where something was left out in one: there the pieces are those of then.
 */
export class CollectingAgain {
  readonly #options: CollectingOptions
  readonly #collector: Collector
  #piece: (CollectedAt & { readonly end: number }) | undefined

  constructor(options: CollectingOptions) {
    const { readBy } = options
    this.#options = options
    this.#collector = new Collector(readBy.config.space, readBy.detectors, sampleHash(readBy.key))
  }

  /** Takes events of one partition, in their order. */
  take(events: readonly Located[]): void {
    for (let from = 0; from < events.length; ) {
      const { lane, offset } = events[from] as Located
      const isSame = this.#piece?.partition === lane.key && offset < this.#piece.end
      if (!isSame || this.#collector.events >= eventsMax) {
        this.deal()
        this.#piece = { partition: lane.key, offset, end: this.#endOf(lane.key, offset) }
      }
      const end = this.#piece?.end ?? 0
      let to = from
      while (to < events.length && (events[to] as Located).offset < end) to++
      this.#collector.observeAll(events.slice(from, to))
      from = to
    }
  }

  /** Deals what was collected. */
  deal(): void {
    const { partitions, layout } = this.#options
    const piece = this.#piece
    if (!piece) return
    this.#piece = undefined
    for (const pack of this.#collector.drain(partitions.length))
      partitions[pack.partition]?.take(pack, piece, layout)
  }

  /** Where something else was left out than at an offset, in any partition. */
  #endOf(key: string, offset: number): number {
    let end = Number.POSITIVE_INFINITY
    for (const partition of this.#options.partitions) {
      if (!partition) continue
      const { late, lost } = partition.recorded
      end = Math.min(end, late.endOf(key, offset), lost.endOf(key, offset))
    }
    return end
  }
}
