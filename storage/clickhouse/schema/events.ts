import {
  type EventField,
  eventFieldNames,
  eventFields,
  type FieldType,
} from '../../../core/event/event-fields.ts'
import type { AnalyticsTables } from '../../../core/ports/analytics-store.ts'
import { instantValue, numberValue, partitionInstant, textsValue, textValue } from './column-values.ts'
import { type ColumnValues, type TableSchema, tableOptions } from './table-schema.ts'

const ttlDays = 30

const columnTypes: Record<FieldType, string> = {
  text: 'String CODEC(ZSTD(1))',
  texts: 'Array(String)',
  number: 'Nullable(Float64)',
  instant: "Nullable(DateTime64(3, 'UTC'))",
  boolean: 'Nullable(Bool)',
}

/** Column of a field: underscores, because ClickHouse ties dotted array columns of one prefix together. */
export function eventColumn(field: EventField): string {
  return field.replaceAll('.', '_')
}

const fields = eventFieldNames.filter((name) => name !== 'time')
const enumerated = new Set<EventField>(['kind', 'vantage', 'method'])

function columnType(field: EventField): string {
  return enumerated.has(field) ? 'LowCardinality(String)' : columnTypes[eventFields[field].type]
}

function columnValue(type: FieldType, value: unknown): unknown {
  switch (type) {
    case 'text':
      return textValue(value)
    case 'texts':
      return textsValue(value)
    case 'number':
      return numberValue(value)
    case 'instant':
      return instantValue(value)
    case 'boolean':
      return typeof value === 'boolean' ? value : null
  }
}

/** Every accepted event by position, with the canonical fields alone: what a source adds beyond them stays out. */
export const events: TableSchema<AnalyticsTables['events']> = {
  name: 'events',
  create: (database) => `CREATE TABLE IF NOT EXISTS ${database}.events (
  space LowCardinality(String),
  lane LowCardinality(String),
  source LowCardinality(String),
  partition String,
  offset UInt64,
  time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
${fields.map((field) => `  ${eventColumn(field)} ${columnType(field)},`).join('\n')}
  stored DateTime DEFAULT now()
) ENGINE = MergeTree
${tableOptions('time', ['space', 'lane', 'time', 'source', 'partition', 'offset'], ttlDays)}`,

  columns(space, lane, { position, event }): ColumnValues {
    const row: Record<string, unknown> = {
      space,
      lane,
      source: textValue(position.source),
      partition: textValue(position.partition),
      offset: position.offset,
      time: partitionInstant(event.time),
    }
    // Absent fields take the column's default, which keeps the sent rows short.
    for (const field of fields) {
      const value = event[field]
      if (value !== undefined) row[eventColumn(field)] = columnValue(eventFields[field].type, value)
    }
    return row
  },
}
