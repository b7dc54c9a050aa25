import { type EventField, eventFieldNames, eventFields } from '../../../core/event/event-fields.ts'
import type { EventRow } from '../../../core/ports/analytics-store.ts'
import { instant, keyword, text } from './columns.ts'
import { compileEventFields } from './compile-event-fields.ts'
import { fieldColumns } from './field-columns.ts'
import { type Column, commonType, type TableSchema, tableOptions } from './table-schema.ts'

const ttlDays = 30

/** Column of a field: underscores, because ClickHouse ties dotted array columns of one prefix together. */
export function eventColumn(field: EventField): string {
  return field.replaceAll('.', '_')
}

/** Fields with a column of their name, in the order of the columns. */
const storedFields = eventFieldNames.filter((name) => name !== 'time')
const enumerated = new Set<EventField>(['kind', 'vantage', 'method'])

function fieldColumn(field: EventField): Column<EventRow> {
  const name = eventColumn(field)
  if (enumerated.has(field))
    return { name, type: commonType, write: (out, { event }) => out.text(event[field]) }
  const { method, absent, ...type } = fieldColumns[eventFields[field].type]
  return { name, ...type, write: (out, { event }) => out[method](event[field]) }
}

const places: readonly Column<EventRow>[] = [
  keyword('source', ({ lane }) => lane.source),
  text('partition', ({ lane }) => lane.partition),
  { name: 'offset', type: 'UInt64', write: (out, { offset }) => out.uint64(offset) },
  instant('time', ({ event }) => event.time, 'Delta, ZSTD(1)'),
]

const writeFields = compileEventFields(storedFields)

/** Every accepted event by position, with the canonical fields alone: what a source adds beyond them stays out. */
export const events: TableSchema<EventRow> = {
  name: 'events',
  engine: 'MergeTree',
  options: tableOptions('time', ['space', 'lane', 'time', 'source', 'partition', 'offset'], ttlDays),
  partitionTime: ({ event }) => event.time,
  columns: [...places, ...storedFields.map(fieldColumn)],
  writeRow(out, row) {
    out.text(row.lane.source)
    out.text(row.lane.partition)
    out.uint64(row.offset)
    out.instant(row.event.time)
    writeFields(out, row.event)
  },
}
