import { Buffer } from 'node:buffer'
import { expect, it } from 'vitest'
import type { AnalyticsTable, AnalyticsTables } from '../../../core/ports/analytics-store.ts'
import {
  decision,
  eventRow,
  everyField,
  finding,
  pane,
  run,
} from '../../../test/contracts/analytics-store-rows.ts'
import { batchHeader, rowEncoder } from '../row-encoder.ts'
import { batchRows } from './batch-rows.ts'
import { RowBytes } from './row-bytes.ts'

function rowsOf<T extends AnalyticsTable>(table: T, rows: readonly AnalyticsTables[T][]): Buffer[] {
  const encoder = rowEncoder(table, 's', 'live')
  return rows.map((row) => {
    const out = new RowBytes()
    encoder.write(out, row)
    return out.take()
  })
}

it.each([
  ['runs', rowsOf('runs', [run(), run({ id: 'r2', steps: [] })]), ['r1', 'r2']],
  ['findings', rowsOf('findings', [finding({ id: 'é'.repeat(300) }), finding()]), ['é'.repeat(300), 'f1']],
  ['decisions', rowsOf('decisions', [decision, { ...decision, id: 'd2', removed: 9 }]), ['d1', 'd2']],
  ['panes', rowsOf('panes', [pane(), pane({ measures: {} })]), [undefined, undefined]],
  ['events', rowsOf('events', [eventRow(1), eventRow(2, everyField)]), [undefined, undefined]],
] as const)('a batch of %s is taken apart as it was written', (table, rows, ids) => {
  const header = batchHeader(table)
  const found = batchRows(Buffer.concat([header, ...rows]))
  expect(found.header).toEqual(header)
  expect(found.rows.map(({ bytes }) => bytes)).toEqual(rows)
  if (table !== 'events') expect(found.rows.map(({ id }) => id)).toEqual(ids)
  const cut = Buffer.concat([header, ...rows]).subarray(0, -1)
  expect(() => batchRows(cut)).toThrow('ends within a row')
})
