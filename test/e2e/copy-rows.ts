import type { PartitionLane } from '../../cli/pipeline/partition-lane.ts'
import type { Copier } from '../../cli/runtime/copier.ts'

const lane = { source: 'gateway', partition: 't:0' } as PartitionLane
const start = Date.UTC(2026, 0, 5, 23, 59, 5)

/** Takes events and commits them; time passes midnight, so that batches fall in two partitions of the table. */
export function copyRows(copier: Copier, from: number, count: number): void {
  const items = Array.from({ length: count }, (_, index) => {
    const offset = from + index
    const time = start + offset * 100
    return { time, offset, event: { time, path: `/orders/${offset}`, status: 200 }, lane }
  })
  copier.events(items)
  copier.captured()
  copier.committed([])
}
