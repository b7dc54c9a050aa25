import { hostname } from 'node:os'
import Database from 'better-sqlite3'
import { migrate } from './schema.ts'

// FULL syncs the log at every commit. NORMAL would survive kill -9 as well, for the operating system keeps what was
// written, but a power cut would take back the last commits: an intent whose effect has already left the process, or
// events that an HTTP sender was told are safe. One sync a batch is a price that batches make small.
const pragmas = [
  'journal_mode = WAL',
  'synchronous = FULL',
  'fullfsync = ON',
  'journal_size_limit = 67108864',
]

/**
 * One more connection of the owner to a state that `openDatabase` has opened. It makes no checkpoint by itself, which would
 * be within a commit.
 */
export function openForCommits(file: string): Database.Database {
  const db = new Database(file, { fileMustExist: true })
  try {
    for (const pragma of [...pragmas, 'wal_autocheckpoint = 0', 'cache_size = -32768']) db.pragma(pragma)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Opens or makes the state's file for its owner: brings the schema up to date and raises the term, in one transaction. */
export function openDatabase(file: string): Database.Database {
  const db = new Database(file)
  try {
    for (const pragma of pragmas) db.pragma(pragma)
    const owner = `process ${process.pid} on ${hostname()}`
    db.transaction(() => {
      migrate(db)
      db.prepare('UPDATE meta SET term = term + 1, owner = ?').run(owner)
    }).immediate()
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
