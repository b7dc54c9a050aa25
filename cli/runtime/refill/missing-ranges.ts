import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventRange } from '../../../core/ports/analytics-store.ts'
import type { OffsetRange } from '../../../storage/spill/batch-label.ts'
import type { SkippedRange } from '../../../storage/spill/skipped-range.ts'
import { ForeignSegment, SpillSegment } from '../../../storage/spill/spill-segment.ts'

/** Ranges of one partition that meet, and what they cover together; `first` and `last` are both missing, or were. */
export interface MissingRange extends EventRange {
  /** Events that were not copied. */
  readonly rows: number
  /** As they were recorded. */
  readonly recorded: readonly SkippedRange[]
}

/** Joins ranges of a partition that overlap, so that each event is fetched once; by partition, then by offset. */
export function missingRanges(recorded: readonly SkippedRange[]): MissingRange[] {
  const sorted = recorded
    .filter(({ table }) => table === 'events')
    .map((range) => ({ range, key: keyOf(range) }))
    .sort((left, right) => compare(left.key, right.key) || left.range.first - right.range.first)
  const joined: MissingRange[] = []
  for (const { range, key } of sorted) {
    const before = joined.at(-1)
    if (before && keyOf(before) === key && range.first <= before.last)
      joined[joined.length - 1] = both(before, range)
    else {
      const { space, lane, source, partition, first, last, rows } = range
      joined.push({ space, lane, source, partition, first, last, rows, recorded: [range] })
    }
  }
  return joined
}

/** Ranges of events that wait in the disk queue, and will be copied from there. */
export async function waitingRanges(folder: string): Promise<readonly (OffsetRange & Place)[]> {
  const waiting: (OffsetRange & Place)[] = []
  const names = await readdir(folder).catch(() => [])
  for (const name of names.filter((one) => one.endsWith('.spill'))) {
    try {
      const scan = await SpillSegment.scan(join(folder, name))
      await scan.segment.close()
      for (const { label } of scan.waiting)
        if (label.table === 'events')
          for (const range of label.ranges) waiting.push({ space: label.space, lane: label.lane, ...range })
    } catch (error) {
      // A running picket run removes what it has sent; what another version wrote nobody here sends.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && !(error instanceof ForeignSegment))
        throw error
    }
  }
  return waiting
}

type Place = Pick<SkippedRange, 'space' | 'lane'>

/** Whether a range shares an offset with one of the others. */
export function overlaps(range: MissingRange, others: readonly (OffsetRange & Place)[]): boolean {
  const key = keyOf(range)
  return others.some(
    (other) => keyOf(other) === key && other.first <= range.last && range.first <= other.last,
  )
}

function both(before: MissingRange, range: SkippedRange): MissingRange {
  return {
    ...before,
    last: Math.max(before.last, range.last),
    rows: before.rows + range.rows,
    recorded: [...before.recorded, range],
  }
}

function keyOf({
  space,
  lane,
  source,
  partition,
}: Pick<MissingRange, 'source' | 'partition'> & Place): string {
  return JSON.stringify([space, lane, source, partition])
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
