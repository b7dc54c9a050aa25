/** A row as it is sent: column names to JSON values. */
export type ColumnValues = Readonly<Record<string, unknown>>

/** One table: how it is made, and how a row of it is written. */
export interface TableSchema<Row> {
  readonly name: string
  /** `CREATE TABLE IF NOT EXISTS …` in this database (an identifier that was checked). */
  create(database: string): string
  /** Only canonical fields, bounded: what the table does not name is left out. */
  columns(space: string, lane: string, row: Row): ColumnValues
}

/**
 * So many newest insert tokens are remembered by a table; a batch sent again within them is dropped. Batches come at
 * most every few hundred milliseconds a source, and a retry follows within a minute.
 */
const deduplicationWindow = 10_000

/**
 * The clauses that all tables share. Time to live counts from `stored`, not from event time: a replay of last year's
 * recording would otherwise vanish while it is being looked at.
 */
export function tableOptions(partitionTime: string, orderBy: readonly string[], ttlDays: number): string {
  return [
    `PARTITION BY toDate(${partitionTime}, 'UTC')`,
    `ORDER BY (${orderBy.join(', ')})`,
    `TTL stored + INTERVAL ${ttlDays} DAY`,
    `SETTINGS non_replicated_deduplication_window = ${deduplicationWindow}`,
  ].join('\n')
}
