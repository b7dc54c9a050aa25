import type { AnalyticsTables } from '../../../core/ports/analytics-store.ts'
import { jsonValue } from '../row-binary/column-values.ts'
import { instant, keyword, nullableInstant, text } from './columns.ts'
import { type TableSchema, tableOptions } from './table-schema.ts'

const ttlDays = 400

/** Decisions by id, in the state in which they were sent last (`removed` once taken back); read with `FINAL`. */
export const decisions: TableSchema<AnalyticsTables['decisions']> = {
  name: 'decisions',
  engine: 'ReplacingMergeTree',
  options: tableOptions('valid_from', ['space', 'lane', 'id'], ttlDays),
  partitionTime: ({ from }) => from,
  columns: [
    text('id', ({ id }) => id),
    keyword('scope', ({ scope }) => scope),
    text('value', ({ value }) => value),
    keyword('type', ({ type }) => type),
    text('rate', ({ rate }) => rate && jsonValue(rate)),
    nullableInstant('issued_until', ({ issuedUntil }) => issuedUntil),
    instant('valid_from', ({ from }) => from),
    instant('valid_until', ({ until }) => until),
    nullableInstant('removed', ({ removed }) => removed),
    text('reason', ({ reason }) => reason),
    text('finding', ({ finding }) => finding),
    text('run', ({ run }) => run),
    text('step', ({ step }) => step),
    text('by', ({ by }) => by),
  ],
}
