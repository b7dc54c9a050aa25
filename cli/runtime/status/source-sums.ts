import type { PartitionTime } from '../../../core/engine/watermarks.ts'
import type { SourceFacts } from '../../../core/watch/facts.ts'
import type { PartitionLane } from '../../pipeline/partition-lane.ts'

export interface SourceSums extends SourceFacts {
  readonly marksIgnored: number
}

type Counted = Pick<PartitionLane, 'source' | 'records' | 'accepted' | 'late' | 'refused' | 'marksIgnored'>

/** By source: one may have opened many partitions, files that were rotated among them. */
export function sourceSums(lanes: Iterable<Counted>, partitions: readonly PartitionTime[]): SourceSums[] {
  const sums = new Map<string, SourceSums>()
  const going = new Set(
    partitions.flatMap(({ partition, state }) =>
      state === 'active' || state === 'idle' ? [partition.slice(0, partition.indexOf('\u0000'))] : [],
    ),
  )
  for (const lane of lanes) {
    const { source: name } = lane
    const sum = sums.get(name)
    sums.set(name, {
      name,
      records: lane.records + (sum?.records ?? 0),
      accepted: lane.accepted + (sum?.accepted ?? 0),
      late: lane.late + (sum?.late ?? 0),
      refused: lane.refused + (sum?.refused ?? 0),
      marksIgnored: lane.marksIgnored + (sum?.marksIgnored ?? 0),
      isOver: !going.has(name),
    })
  }
  return [...sums.values()]
}
