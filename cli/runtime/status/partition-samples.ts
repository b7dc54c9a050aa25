import type { PartitionTime } from '../../../core/engine/watermarks.ts'
import type { Backlog } from '../../../core/ports/source.ts'
import type { Sample } from './exposition.ts'

/** A topic may have thousands of partitions, and each would be a time series. */
const partitionsMax = 200

/** How many partitions are in which state, and how far behind the active ones are. */
export function partitionSamples(partitions: readonly PartitionTime[], now: number): Sample[] {
  const states = new Map<string, number>()
  const behind: Sample[] = []
  for (const { partition: key, state, watermark } of partitions) {
    const [source = '', partition = ''] = key.split('\u0000')
    // Stands for a source that has not opened a partition yet.
    if (partition === '') continue
    const counted = `${source}\u0000${state}`
    states.set(counted, (states.get(counted) ?? 0) + 1)
    if (state !== 'active' || !Number.isFinite(watermark)) continue
    behind.push({ metric: 'partitionLag', labels: [source, partition], value: (now - watermark) / 1000 })
  }
  return [
    ...[...states].map(([key, value]) => ({
      metric: 'partitions' as const,
      labels: key.split('\u0000'),
      value,
    })),
    ...behind.sort((left, right) => Number(right.value) - Number(left.value)).slice(0, partitionsMax),
  ]
}

/** What waits of a source in Kafka. Topics are configured; who may create one that a pattern takes is trusted as much. */
export function backlogSamples(backlogs: readonly SourceBacklog[]): Sample[] {
  return backlogs
    .flatMap(({ source, backlog }) =>
      backlog.map(({ partition: id, records }) => {
        const colon = id.lastIndexOf(':')
        const labels = [source, id.slice(0, colon), id.slice(colon + 1)]
        return { metric: 'recordLag' as const, labels, value: records }
      }),
    )
    .sort((left, right) => right.value - left.value)
    .slice(0, partitionsMax)
}

/** What waits in the transport of a source. */
export interface SourceBacklog {
  readonly source: string
  readonly backlog: readonly Backlog[]
}
