import type { PartitionRange } from '../../../core/manifest/control-log.ts'

/** Looks offsets up in ranges of partitions; those of one partition are in order and do not overlap. */
export class PartitionRanges<Range extends PartitionRange> {
  readonly #byPartition = new Map<string, Range[]>()

  constructor(ranges: readonly Range[]) {
    for (const range of ranges) {
      const known = this.#byPartition.get(range.partition)
      if (known) known.push(range)
      else this.#byPartition.set(range.partition, [range])
    }
  }

  find(partition: string, offset: number): Range | undefined {
    const found = this.#atOrBehind(partition, offset)
    return found && offset >= found.from ? found : undefined
  }

  /** Offset behind the last one that lies in the same range as this one, or in none as this one; Infinity without end. */
  endOf(partition: string, offset: number): number {
    const found = this.#atOrBehind(partition, offset)
    if (!found) return Number.POSITIVE_INFINITY
    return offset >= found.from ? found.to : found.from
  }

  #atOrBehind(partition: string, offset: number): Range | undefined {
    const ranges = this.#byPartition.get(partition) ?? []
    let [low, high] = [0, ranges.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ranges[middle] as Range).to <= offset) low = middle + 1
      else high = middle
    }
    return ranges[low]
  }
}
