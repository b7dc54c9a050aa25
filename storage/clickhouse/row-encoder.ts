import { Buffer } from 'node:buffer'
import type { AnalyticsTable, AnalyticsTables } from '../../core/ports/analytics-store.ts'
import { partitionInstant } from './row-binary/column-values.ts'
import { RowBytes } from './row-binary/row-bytes.ts'
import { commonColumns, commonType } from './schema/table-schema.ts'
import { tables } from './schema/tables.ts'

/**
 * How a batch is written: the names and types of the columns, then the rows. It says itself what is in it, so that one
 * that waited on disk while Picket was upgraded is understood or refused, never misread.
 */
export const batchFormat = 'RowBinaryWithNamesAndTypes'

const dayMs = 24 * 3_600_000

/** Writes rows of one table, space and lane. */
export interface RowEncoder<Row> {
  /** Throws what the row's own methods throw, with nothing written. */
  write(out: RowBytes, row: Row): void
  /** The table's partition that the row falls in, in days since 1970. */
  partitionDay(row: Row): number
}

/** What stands before the rows of a batch: how many columns, their names, their types. */
export function batchHeader(table: AnalyticsTable): Buffer {
  const names = [...commonColumns, ...tables[table].columns.map(({ name }) => name)]
  const types = [...commonColumns.map(() => commonType), ...tables[table].columns.map(({ type }) => type)]
  const out = new RowBytes()
  out.count(names.length)
  for (const text of [...names, ...types]) out.text(text)
  return out.take()
}

export function rowEncoder<T extends AnalyticsTable>(
  table: T,
  space: string,
  lane: string,
): RowEncoder<AnalyticsTables[T]> {
  const { columns, writeRow, partitionTime } = tables[table]
  return {
    write(out, row) {
      const start = out.length
      try {
        out.text(space)
        out.text(lane)
        if (writeRow) writeRow(out, row)
        else for (const column of columns) column.write(out, row)
      } catch (error) {
        out.truncate(start)
        throw error
      }
    },
    partitionDay: (row) => Math.floor(partitionInstant(partitionTime(row)) / dayMs),
  }
}

/** Names of a batch's columns, in their order. @throws RangeError for bytes that are no batch */
export function columnsOf(bytes: Uint8Array): string[] {
  // Names and counts are below 128, so that each length is one byte.
  const names: string[] = []
  const count = bytes[0] ?? 0
  let at = 1
  while (names.length < count) {
    const end = at + 1 + (bytes[at] ?? 0)
    const name = Buffer.from(bytes.subarray(at + 1, end)).toString('latin1')
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new RangeError('no batch of rows: a column has no name')
    names.push(name)
    at = end
  }
  return names
}
