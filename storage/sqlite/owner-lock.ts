import Database from 'better-sqlite3'

export interface OwnerLock {
  release(): void
}

/**
 * Takes the lock of a data folder, or gives `undefined` if a live process (or this one) has it. It is the operating
 * system's lock under SQLite's reserved lock on a database of its own, so it ends with its process, however that
 * ends: no process id to compare, nothing left behind by kill -9.
 */
export function takeOwnerLock(file: string): OwnerLock | undefined {
  const db = new Database(file, { timeout: 0 })
  try {
    db.exec('BEGIN IMMEDIATE')
  } catch (error) {
    db.close()
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined
    throw error
  }
  return { release: () => void db.close() }
}
