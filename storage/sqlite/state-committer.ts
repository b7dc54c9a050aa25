import type { Database } from 'better-sqlite3'
import type { EncodedChanges } from './encode-changes.ts'
import { StateError, stateErrorOf } from './state-error.ts'
import { prepareWriter } from './state-writer.ts'

/** How the changes of a store get to the disk: in its own thread, or in another one. */
export interface StateCommits {
  /** On disk when it resolves. Rejects with `StateError`, and then nothing was written. */
  commit(changes: EncodedChanges): Promise<void>
  close(): Promise<void>
}

/** Bytes in the write-ahead log from which on they are put into the database. */
const checkpointFromBytes = 4 * 1024 * 1024
/** What a commit writes beside its packs, about. */
const commitBytes = 16 * 1024

export interface CommitterOptions {
  /** The connection makes no checkpoints within commits; `tidy` does, between them. */
  readonly checkpoints?: boolean
}

/** Writes to the state under the term with which it was opened. Blocks its thread. */
export class StateCommitter {
  readonly #db: Database
  readonly #commit: (changes: EncodedChanges) => void
  readonly #checkpoints: boolean
  /** Bytes written since the last checkpoint, about. */
  #logged = 0
  #problem: unknown

  constructor(db: Database, term: number, { checkpoints = false }: CommitterOptions = {}) {
    this.#db = db
    this.#checkpoints = checkpoints
    const write = prepareWriter(db)
    const currentTerm = db.prepare('SELECT term FROM meta').pluck()
    this.#commit = db.transaction((changes: EncodedChanges) => {
      const found = currentTerm.get()
      if (found !== term) throw fenced(db.name, found, term)
      write(changes)
    }).immediate
  }

  /** Writes all of it in one transaction, on disk when it returns. Throws `StateError`, and then nothing was written. */
  commit(changes: EncodedChanges): void {
    try {
      if (this.#problem !== undefined) throw this.#problem
      this.#commit(changes)
    } catch (error) {
      throw stateErrorOf(error, this.#db.name)
    }
    this.#logged += changes.packs.reduce((sum, { bytes }) => sum + bytes.length, commitBytes)
  }

  /** Whether `tidy` has something to do. */
  get isUntidy(): boolean {
    return this.#checkpoints && this.#logged >= checkpointFromBytes
  }

  /**
   * Puts what commits left in the write-ahead log into the database. Never throws: what fails with it is told by the next
   * commit, except that the disk is full, which a commit finds by itself.
   */
  tidy(): void {
    this.#logged = 0
    try {
      this.#db.pragma('wal_checkpoint(PASSIVE)')
    } catch (error) {
      const problem = stateErrorOf(error, this.#db.name)
      if (!(problem instanceof StateError && problem.code === 'full')) this.#problem = problem
    }
  }
}

function fenced(file: string, found: unknown, term: number): StateError {
  const what = `${file} was opened again (term ${found}, this store has ${term})`
  return new StateError('fenced', `${what}: this process must stop acting`)
}
