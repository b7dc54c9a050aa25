import Database from 'better-sqlite3'
import type { Changes, StateStore } from '../../core/ports/state-store.ts'
import { encodeChanges } from './encode-changes.ts'
import { dropState, type HeldState } from './held-state.ts'
import { openDatabase } from './open-database.ts'
import { type OwnerLock, takeOwnerLock } from './owner-lock.ts'
import { SqliteStateReader } from './sqlite-state-reader.ts'
import { type StateCommits, StateCommitter } from './state-committer.ts'
import { openErrorOf, StateError, stateErrorOf } from './state-error.ts'
import { prepareFiles, type StateFiles, stateFiles } from './state-files.ts'
import { StateReader } from './state-reader.ts'

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

/** Writes that this thread does itself. */
function ownCommits(database: Database.Database, term: number): StateCommits {
  const committer = new StateCommitter(database, term)
  return {
    async commit(changes) {
      committer.commit(changes)
    },
    async close() {},
  }
}

/** The truth in one SQLite file: see `openStateStore`. */
export class SqliteStateStore extends SqliteStateReader implements StateStore {
  readonly #database: Database.Database
  readonly #lock: OwnerLock
  readonly #commits: StateCommits

  constructor(database: Database.Database, lock: OwnerLock, openCommits: OpenCommits = ownCommits) {
    super(database)
    this.#database = database
    this.#lock = lock
    this.#commits = openCommits(database, this.term)
  }

  /**
   * Writes all of it in one transaction, on disk when it resolves.
   * Throws `StateError`, and then nothing is written: `fenced`, `invalid`, `closed`, `full`, `disk`.
   */
  async commit(changes: Changes): Promise<void> {
    if (!this.#database.open) {
      throw new StateError('closed', `${this.#database.name} was closed: nothing can be committed`)
    }
    await this.#commits.commit(encodeChanges(changes, this.term))
  }

  /** Drops what is held of a detector that is configured no more; on disk when it returns. Throws `StateError`. */
  drop(state: Pick<HeldState, 'detector' | 'version'>): void {
    try {
      dropState(this.#database, state)
    } catch (error) {
      throw stateErrorOf(error, this.#database.name)
    }
  }

  override async close(): Promise<void> {
    await this.#commits.close()
    await super.close()
    this.#lock.release()
  }
}

/** Makes what writes to an opened state: `database` is this thread's connection to it, `term` the store's. */
export type OpenCommits = (database: Database.Database, term: number) => StateCommits

export interface StateStoreOptions {
  /** This thread writes when absent, and is blocked meanwhile. */
  readonly openCommits?: OpenCommits
}

/**
 * Opens the state of a data folder, making it if need be, and owns the folder until `close` or the process's end.
 * Throws `StateError`: `in_use` while another process owns it, `schema`, `damaged`, `full`, `disk`.
 */
export async function openStateStore(
  folder: string,
  { openCommits }: StateStoreOptions = {},
): Promise<SqliteStateStore> {
  const files = stateFiles(folder)
  prepareFiles(files)
  let lock: OwnerLock | undefined
  let database: Database.Database | undefined
  try {
    lock = takeOwnerLock(files.lock)
    if (lock === undefined) throw inUse(files)
    database = openDatabase(files.database)
    return new SqliteStateStore(database, lock, openCommits)
  } catch (error) {
    database?.close()
    lock?.release()
    throw openErrorOf(error, files.database)
  }
}
