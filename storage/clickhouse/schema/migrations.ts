import { tables } from './tables.ts'

/**
 * What each schema version adds, oldest first; version n is entry n - 1. Entries are never edited once released: a
 * change of a table is a new entry (`ALTER TABLE …`), and `create` stays what version 1 was. Statements must be repeatable, for a crash can fall between them.
 */
export const migrations: readonly ((database: string) => readonly string[])[] = [
  (database) => Object.values(tables).map((table) => table.create(database)),
]

/** Where the applied versions are noted. */
export function createMigrationTable(database: string): string {
  return `CREATE TABLE IF NOT EXISTS ${database}.schema_versions (
  version UInt32,
  applied DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
ORDER BY version`
}
