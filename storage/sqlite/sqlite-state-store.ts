import Database from 'better-sqlite3'
import type { Changes, StateStore } from '../../core/ports/state-store.ts'
import { encodeChanges } from './encode-changes.ts'
import { openDatabase } from './open-database.ts'
import { type OwnerLock, takeOwnerLock } from './owner-lock.ts'
import { SqliteStateReader } from './sqlite-state-reader.ts'
import { StateError, stateErrorOf } from './state-error.ts'
import { prepareFiles, type StateFiles, stateFiles } from './state-files.ts'
import { StateReader } from './state-reader.ts'
import { prepareWriter } from './state-writer.ts'

export { openReadOnly, type ReadOnlyStateStore } from './sqlite-state-reader.ts'

function inUse({ folder, database }: StateFiles): StateError {
  let owner = 'another process'
  let db: Database.Database | undefined
  try {
    db = new Database(database, { readonly: true, fileMustExist: true })
    owner = new StateReader(db).owner() || owner
  } catch {
    // The owner is only named if it can be: it may be creating the file at this moment.
  } finally {
    db?.close()
  }
  const what = `the data folder ${folder} is in use by ${owner}`
  return new StateError('in_use', `${what}: stop that first, or name another data folder`)
}

/** The truth in one SQLite file: see `openStateStore`. */
export class SqliteStateStore extends SqliteStateReader implements StateStore {
  readonly #database: Database.Database
  readonly #lock: OwnerLock
  readonly #write: (changes: Changes) => void

  constructor(database: Database.Database, lock: OwnerLock) {
    super(database)
    this.#database = database
    this.#lock = lock
    const write = prepareWriter(database)
    const currentTerm = database.prepare('SELECT term FROM meta').pluck()
    this.#write = (changes) => {
      const encoded = encodeChanges(changes, this.term)
      database
        .transaction(() => {
          const term = currentTerm.get()
          if (term !== this.term) throw this.#fenced(term)
          write(encoded)
        })
        .immediate()
    }
  }

  /**
   * Writes all of it in one transaction, on disk when it resolves; blocks the thread meanwhile.
   * Throws `StateError`, and then nothing is written: `fenced`, `invalid`, `closed`, `full`, `disk`.
   */
  async commit(changes: Changes): Promise<void> {
    if (!this.#database.open) {
      throw new StateError('closed', `${this.#database.name} was closed: nothing can be committed`)
    }
    try {
      this.#write(changes)
    } catch (error) {
      throw stateErrorOf(error, this.#database.name)
    }
  }

  override async close(): Promise<void> {
    await super.close()
    this.#lock.release()
  }

  #fenced(term: unknown): StateError {
    const what = `${this.#database.name} was opened again (term ${term}, this store has ${this.term})`
    return new StateError('fenced', `${what}: this process must stop acting`)
  }
}

/**
 * Opens the state of a data folder, making it if need be, and owns the folder until `close` or the process's end.
 * Throws `StateError`: `in_use` while another process owns it, `schema`, `damaged`, `full`, `disk`.
 */
export async function openStateStore(folder: string): Promise<SqliteStateStore> {
  const files = stateFiles(folder)
  prepareFiles(files)
  let lock: OwnerLock | undefined
  let database: Database.Database | undefined
  try {
    lock = takeOwnerLock(files.lock)
    if (lock === undefined) throw inUse(files)
    database = openDatabase(files.database)
    return new SqliteStateStore(database, lock)
  } catch (error) {
    database?.close()
    lock?.release()
    throw stateErrorOf(error, files.database)
  }
}
