import type { LoadedConfig } from '../../../config/load-config.ts'
import type { Detector } from '../../../core/detector/detector.ts'
import type { AnalyticsStore, EventLookup } from '../../../core/ports/analytics-store.ts'
import { RangeGone } from '../../../ingest/sources/range-gone.ts'
import { markRefilled, outstanding } from '../../../storage/spill/refilled-log.ts'
import type { Recording } from '../../../storage/sqlite/state-logs.ts'
import { type MissingRange, missingRanges, overlaps, waitingRanges } from './missing-ranges.ts'
import { RangeReader } from './range-reader.ts'
import { RefillCell } from './refill-cell.ts'

/** What became of a range: everything is there now; or why not, and it stays to be fetched. */
export type RefillOutcome =
  | { readonly kind: 'refilled'; readonly found: number; readonly inserted: number }
  /** Only counted: `--dry-run`. */
  | { readonly kind: 'available'; readonly found: number }
  /** It is still on its way by itself, or may be. */
  | { readonly kind: 'waits'; readonly why: string }
  | { readonly kind: 'gone'; readonly why: string }

export interface RefilledRange {
  readonly range: MissingRange
  readonly outcome: RefillOutcome
}

export interface RefillOptions {
  readonly loaded: LoadedConfig<Detector>
  readonly recording: Pick<Recording, 'positions' | 'marks' | 'control'>
  /** The folder of the disk queue. */
  readonly folder: string
  /** Absent: only what there is to fetch is counted. */
  readonly store?: Pick<AnalyticsStore, 'insert'> & EventLookup
  /** Whether `picket run` has the data folder open, and may have rows in memory. */
  readonly isRunning: boolean
  readonly signal: AbortSignal
  readonly onProgress?: (range: MissingRange, offset: number, inserted: number) => void
}

/**
 * Fetches what was skipped again from its sources, and inserts the rows that are missing. What is there already is looked up
 * first, and each insert has a token of what is in it, so it may be broken off at any moment and begun again.
 */
export async function* refill(options: RefillOptions): AsyncGenerator<RefilledRange> {
  const { folder, isRunning } = options
  const waiting = await waitingRanges(folder)
  const reader = new RangeReader(options)
  for (const range of missingRanges(await outstanding(folder))) {
    if (options.signal.aborted) return
    if (overlaps(range, waiting)) {
      const why = 'events of it wait in the disk queue: let picket run send them, then refill'
      yield { range, outcome: { kind: 'waits', why } }
    } else if (isRunning && range.recorded.some(({ coarse }) => coarse)) {
      const why = 'the range is rough, because the disk was full when it was recorded: stop picket run for it'
      yield { range, outcome: { kind: 'waits', why } }
    } else yield { range, outcome: await outcomeOf(range, reader, options) }
  }
}

async function outcomeOf(
  range: MissingRange,
  reader: RangeReader,
  { folder, store, signal, onProgress }: RefillOptions,
): Promise<RefillOutcome> {
  let [found, inserted, cellFrom] = [0, 0, -1]
  let cell: RefillCell | undefined
  const end = async () => {
    if (store) await cell?.insert(store)
    inserted += cell?.missing ?? 0
    cell = undefined
  }
  try {
    for await (const { items, cellSize } of reader.events(range)) {
      for (const item of items) {
        found++
        if (!store) continue
        const from = Math.floor(item.offset / cellSize) * cellSize
        if (from !== cellFrom) {
          await end()
          cell = await RefillCell.open(range, from, from + cellSize, store)
          cellFrom = from
        }
        cell?.add(item)
      }
      onProgress?.(range, items.at(-1)?.offset ?? range.first, inserted)
    }
    if (signal.aborted) return { kind: 'waits', why: 'it was broken off: call it again' }
    await end()
  } catch (error) {
    if (!(error instanceof RangeGone)) throw error
    return { kind: 'gone', why: error.message }
  }
  if (found < range.rows)
    return {
      kind: 'gone',
      why: `only ${found} of ${range.rows} events are there now: the source, or how it is read, has changed`,
    }
  if (!store) return { kind: 'available', found }
  await markRefilled(folder, range.recorded)
  return { kind: 'refilled', found, inserted }
}
