import { createHash } from 'node:crypto'
import type { AnalyticsStore, EventLookup } from '../../../core/ports/analytics-store.ts'
import { batchHeader } from '../../../storage/clickhouse/row-encoder.ts'
import type { Located } from '../../pipeline/partition-lane.ts'
import { RowCollector } from '../copy-rows.ts'
import type { MissingRange } from './missing-ranges.ts'

const dayMs = 24 * 3_600_000
/** Rows of a cell are inserted together, whatever their size: a cell is small. */
const noMax = { bytes: Number.POSITIVE_INFINITY, rows: Number.POSITIVE_INFINITY }

/** Events of one day of the table in one cell. */
interface Day {
  readonly rows: RowCollector<'events'>
  readonly offsets: number[]
}

/**
 * A fixed piece of a partition's offsets, whose missing events are inserted together: one insert a day, because a day is a
 * partition of the table and goes in whole or not at all. Where pieces begin and end does not depend on what is there
 * already, so an insert whose answer was lost is made again under the same token.
 */
export class RefillCell {
  readonly #range: MissingRange
  readonly #present: ReadonlySet<number>
  readonly #days = new Map<number, Day>()
  found = 0
  missing = 0

  private constructor(range: MissingRange, present: ReadonlySet<number>) {
    this.#range = range
    this.#present = present
  }

  /** Looks up what is there of the cell `[from, to)`. */
  static async open(range: MissingRange, from: number, to: number, lookup: EventLookup): Promise<RefillCell> {
    const first = Math.max(from, range.first)
    const last = Math.min(to - 1, range.last)
    const { space, lane, source, partition } = range
    const offsets = await lookup.eventOffsets({ space, lane, source, partition, first, last })
    return new RefillCell(range, new Set(offsets))
  }

  /** Takes an event, which may change afterwards. */
  add(item: Located): void {
    this.found++
    if (this.#present.has(item.offset)) return
    this.missing++
    const day = Math.floor(item.event.time / dayMs)
    let rows = this.#days.get(day)
    if (!rows) {
      rows = { rows: new RowCollector('events', this.#range, noMax), offsets: [] }
      this.#days.set(day, rows)
    }
    rows.rows.add(item, item)
    rows.offsets.push(item.offset)
  }

  async insert(store: Pick<AnalyticsStore, 'insert'>): Promise<void> {
    for (const [day, { rows, offsets }] of this.#days) {
      const [taken] = rows.take()
      if (!taken) continue
      const bytes = Buffer.concat([batchHeader('events'), taken.bytes])
      await store.insert({ table: 'events', token: this.#token(day, offsets), bytes })
    }
  }

  #token(day: number, offsets: readonly number[]): string {
    const { space, lane, source, partition } = this.#range
    const what = JSON.stringify(['refill', space, lane, source, partition, day, offsets])
    return `refill:${createHash('sha256').update(what).digest('hex')}`
  }
}
