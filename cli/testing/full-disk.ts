import { openDatabase } from '../../storage/sqlite/open-database.ts'
import { takeOwnerLock } from '../../storage/sqlite/owner-lock.ts'
import { SqliteStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { prepareFiles, stateFiles } from '../../storage/sqlite/state-files.ts'

export interface FullDisk {
  readonly store: SqliteStateStore
  /** Makes room. */
  free(): void
  /** Takes it away again: nothing that needs another page can be written. */
  fill(): void
}

/** A state whose file may not grow: SQLite then fails as it does on a full disk. */
export async function openOnFullDisk(folder: string): Promise<FullDisk> {
  const files = stateFiles(folder)
  prepareFiles(files)
  const lock = takeOwnerLock(files.lock)
  if (!lock) throw new Error(`${folder} is in use`)
  const database = openDatabase(files.database)
  // Pages that a migration gave back would take a commit or two.
  database.exec('VACUUM')
  // SQLite raises the smallest number to the pages that there are.
  const fill = () => void database.pragma('max_page_count = 1')
  fill()
  return {
    store: new SqliteStateStore(database, lock),
    free: () => void database.pragma('max_page_count = 1000000'),
    fill,
  }
}
