import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { AnalyticsTable } from '../../core/ports/analytics-store.ts'
import { batchHeader } from '../../storage/clickhouse/row-encoder.ts'
import type { BatchLabel, OffsetRange } from '../../storage/spill/batch-label.ts'
import type { Rows } from './copy-rows.ts'

/** Rows of one table that are inserted together, with one token. */
export interface CopyBatch {
  readonly label: BatchLabel
  readonly bytes: Buffer
}

/** Longer ones would not fit in the address of a request, and are hashed. */
const tokenLengthMax = 512

/** A batch that still grows. */
export class GrowingBatch {
  readonly #table: AnalyticsTable
  readonly #pieces: Buffer[]
  readonly #days = new Set<number>()
  readonly #ranges = new Map<string, OffsetRange>()
  rows = 0
  bytes: number

  /** `header`: names and types of the columns, where another version may have written the rows. */
  constructor(table: AnalyticsTable, header = batchHeader(table)) {
    this.#table = table
    this.#pieces = [header]
    this.bytes = header.length
  }

  add({ bytes, count, days, ranges }: Rows): void {
    this.#pieces.push(bytes)
    this.bytes += bytes.length
    this.rows += count
    for (const day of days) this.#days.add(day)
    for (const range of ranges) {
      const key = JSON.stringify([range.source, range.partition])
      const known = this.#ranges.get(key)
      this.#ranges.set(key, known ? together(known, range) : range)
    }
  }

  /** `number` names what has no position of its own, and is no other batch's. */
  end(space: string, lane: string, number: string): CopyBatch {
    const ranges = [...this.#ranges.values()]
    const cut = ranges.map(({ source, partition, first, last }) => [source, partition, first, last])
    const label = {
      table: this.#table,
      token: token([this.#table, space, lane, ...(cut.length > 0 ? cut : [number])]),
      space,
      lane,
      rows: this.rows,
      parts: this.#days.size,
      ranges,
    }
    return { label, bytes: Buffer.concat(this.#pieces) }
  }
}

/**
 * No two batches have the same: a position is in one batch only, so two of them can't begin and end alike in a
 * partition.
 */
function token(parts: readonly unknown[]): string {
  const text = JSON.stringify(parts)
  return text.length <= tokenLengthMax ? text : createHash('sha256').update(text).digest('hex')
}

function together(left: OffsetRange, right: OffsetRange): OffsetRange {
  return {
    ...left,
    first: Math.min(left.first, right.first),
    last: Math.max(left.last, right.last),
    rows: left.rows + right.rows,
  }
}
