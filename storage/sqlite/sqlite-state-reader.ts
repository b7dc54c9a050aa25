import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { EntityPack, StateStore } from '../../core/ports/state-store.ts'
import { type HeldState, heldStates } from './held-state.ts'
import { requireCurrentSchema } from './schema.ts'
import { openErrorOf, StateError, stateErrorOf } from './state-error.ts'
import { stateFiles } from './state-files.ts'
import type { NumberedLetters, StateLogs } from './state-logs.ts'
import { StateReader } from './state-reader.ts'

/** What a reader of the state may do: all of `StateStore` but writing. */
export type ReadOnlyStateStore = Omit<StateStore, 'commit'> &
  StateLogs &
  NumberedLetters & {
    /** What is held of each detector, in order of their ids: also of those that are configured no more. */
    held(): Promise<readonly HeldState[]>
  }

/** The reading half of the SQLite state store, over a connection that it closes. */
export class SqliteStateReader implements ReadOnlyStateStore {
  readonly term: number
  readonly #db: Database.Database
  readonly #reader: StateReader

  constructor(db: Database.Database) {
    this.#db = db
    this.#reader = new StateReader(db)
    this.term = this.#reader.term()
  }

  async restore() {
    return this.#read((reader) => reader.restore())
  }

  /** One at a time, so that memory is bounded. Commits of others may come between; those of packs must not, or what is read is of no one moment. */
  async *packs(): AsyncGenerator<EntityPack> {
    let pack = this.#read((reader) => reader.packAfter())
    while (pack !== undefined) {
      yield pack
      const before: EntityPack = pack
      pack = this.#read((reader) => reader.packAfter(before))
    }
  }

  /** Ordered by (last, id). `since`: those whose last event is at or after it, epoch milliseconds. */
  async findings(filter: { readonly id?: string; readonly since?: number } = {}) {
    return this.#read((reader) => reader.findings(filter.id, filter.since ?? -Number.MAX_VALUE))
  }

  /** Ordered by (started, id). `finding`: the runs of the chain of findings that this id belongs to. */
  async runs(filter: { readonly finding?: string } = {}) {
    return this.#read((reader) => reader.runs(filter.finding))
  }

  async journal(run: string) {
    return this.#read((reader) => reader.journal(run))
  }

  async decisions() {
    return this.#read((reader) => reader.decisions())
  }

  async deadLetters(limit = Number.MAX_SAFE_INTEGER) {
    return this.#read((reader) => reader.deadLetters(limit))
  }

  async deadLettersAfter(seq: number, limit: number) {
    return this.#read((reader) => reader.deadLettersAfter(seq, limit))
  }

  async controlLog() {
    return this.#read((reader) => reader.controlLog())
  }

  async recording() {
    return this.#read((reader) => reader.recording())
  }

  async held() {
    return this.#read(() => heldStates(this.#db))
  }

  async close(): Promise<void> {
    this.#db.close()
  }

  #read<Value>(query: (reader: StateReader) => Value): Value {
    if (!this.#db.open) throw new StateError('closed', `${this.#db.name} was closed: open the state again`)
    try {
      return query(this.#reader)
    } catch (error) {
      throw stateErrorOf(error, this.#db.name)
    }
  }
}

/**
 * Opens the state of a data folder for reading, also beside a running `picket run`, which it never holds up.
 * Throws `StateError`: `absent` without state, `schema`, `damaged`, `disk`.
 */
export async function openReadOnly(folder: string): Promise<ReadOnlyStateStore> {
  const { database } = stateFiles(folder)
  if (!existsSync(database)) {
    throw new StateError(
      'absent',
      `there is no state in ${folder}: start \`picket run\`, or name its data folder`,
    )
  }
  let db: Database.Database | undefined
  try {
    db = new Database(database, { readonly: true, fileMustExist: true })
    requireCurrentSchema(db)
    return new SqliteStateReader(db)
  } catch (error) {
    db?.close()
    throw openErrorOf(error, database)
  }
}
