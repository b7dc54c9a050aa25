import { decisions } from './decisions.ts'
import { events } from './events.ts'
import { findings } from './findings.ts'
import { panes } from './panes.ts'
import { runs } from './runs.ts'
import { createTable } from './table-schema.ts'

/**
 * So many newest insert tokens a table remembers, counted by partition: a batch whose acknowledgement was lost is sent
 * again and dropped. Larger than what may wait on disk (`spillPartsMax` in cli/), so that even all of that sent again
 * adds nothing.
 */
export const deduplicationWindow = 20_000

/**
 * What each schema version adds, oldest first; version n is entry n - 1. Entries are never edited once released: a
 * change of a table is a new entry (`ALTER TABLE …`), and `create` stays what version 1 was. Statements must be repeatable, for a crash can fall between them.
 */
export const migrations: readonly ((database: string) => readonly string[])[] = [
  (database) => [
    createTable(database, events),
    createTable(database, panes),
    createTable(database, findings),
    createTable(database, decisions),
    createTable(database, runs),
  ],
  (database) =>
    [events, panes, findings, decisions, runs].map(
      ({ name }) =>
        `ALTER TABLE ${database}.${name} MODIFY SETTING non_replicated_deduplication_window = ${deduplicationWindow}`,
    ),
]

/** Where the applied versions are noted. */
export function createMigrationTable(database: string): string {
  return `CREATE TABLE IF NOT EXISTS ${database}.schema_versions (
  version UInt32,
  applied DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
ORDER BY version`
}
