import type { RowBytes } from '../row-binary/row-bytes.ts'

/** One column: how it is made, and how a row's value of it is written. */
export interface Column<Row> {
  readonly name: string
  /** As ClickHouse prints it: it is sent before the rows, and a server compares the two. */
  readonly type: string
  readonly codec?: string
  /** Only canonical fields, bounded: what the table does not name is left out. */
  write(out: RowBytes, row: Row): void
}

/** One table: how it is made, and how a row of it is written. */
export interface TableSchema<Row> {
  readonly name: string
  readonly engine: string
  /** After `space` and `lane`, which every table begins with. */
  readonly columns: readonly Column<Row>[]
  /** The clauses after the engine. */
  readonly options: string
  /** Epoch milliseconds of the column that partitions; its day is the partition. */
  partitionTime(row: Row): number
  /** All of `columns` in one function, where it must be fast. */
  readonly writeRow?: (out: RowBytes, row: Row) => void
}

/** Columns that every table begins with. */
export const commonColumns = ['space', 'lane'] as const
export const commonType = 'LowCardinality(String)'

/**
 * So many newest insert tokens a table of version 1 remembers; a batch sent again within them is dropped. See
 * `deduplicationWindow` for what is in force.
 */
const deduplicationWindowFirst = 10_000

/** `CREATE TABLE IF NOT EXISTS …` in this database (an identifier that was checked). */
export function createTable<Row>(database: string, table: TableSchema<Row>): string {
  const columns = [
    ...commonColumns.map((name) => `${name} ${commonType}`),
    ...table.columns.map(({ name, type, codec }) => `${name} ${type}${codec ? ` CODEC(${codec})` : ''}`),
    'stored DateTime DEFAULT now()',
  ]
  return `CREATE TABLE IF NOT EXISTS ${database}.${table.name} (
${columns.map((column) => `  ${column}`).join(',\n')}
) ENGINE = ${table.engine}
${table.options}`
}

/**
 * The clauses that all tables share. Time to live counts from `stored`, not from event time: a replay of last year's
 * recording would otherwise vanish while it is being looked at.
 */
export function tableOptions(partitionTime: string, orderBy: readonly string[], ttlDays: number): string {
  return [
    `PARTITION BY toDate(${partitionTime}, 'UTC')`,
    `ORDER BY (${orderBy.join(', ')})`,
    `TTL stored + INTERVAL ${ttlDays} DAY`,
    `SETTINGS non_replicated_deduplication_window = ${deduplicationWindowFirst}`,
  ].join('\n')
}
