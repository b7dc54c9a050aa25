import type { Database } from 'better-sqlite3'
import type { EncodedChanges } from './encode-changes.ts'
import { EntityFold } from './entity-fold.ts'
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
/** What a commit writes beside its batch, about. */
const commitBytes = 16 * 1024

export interface CommitterOptions {
  /** As `EntityFold` takes it. */
  readonly foldedFromBytes?: number | undefined
  /** The connection makes no checkpoints within commits; `tidy` does, between them. */
  readonly checkpoints?: boolean
}

/** Writes to the state under the term with which it was opened. Blocks its thread. */
export class StateCommitter {
  readonly #db: Database
  readonly #fold: EntityFold
  readonly #commit: (changes: EncodedChanges) => void
  readonly #tidy: () => void
  readonly #checkpoints: boolean
  /** Bytes written since the last checkpoint, about. */
  #logged = 0
  #problem: unknown

  constructor(db: Database, term: number, { foldedFromBytes, checkpoints = false }: CommitterOptions = {}) {
    this.#db = db
    this.#checkpoints = checkpoints
    this.#fold = new EntityFold(db, foldedFromBytes)
    const write = prepareWriter(db)
    const currentTerm = db.prepare('SELECT term FROM meta').pluck()
    const ours = (work: (changes: EncodedChanges) => void) => {
      return db.transaction((changes: EncodedChanges) => {
        const found = currentTerm.get()
        if (found !== term) throw fenced(db.name, found, term)
        work(changes)
      }).immediate
    }
    this.#commit = ours(write)
    this.#tidy = ours(() => this.#fold.step()) as () => void
  }

  /** Writes all of it in one transaction, on disk when it returns. Throws `StateError`, and then nothing was written. */
  commit(changes: EncodedChanges): void {
    try {
      if (this.#problem !== undefined) throw this.#problem
      this.#commit(changes)
    } catch (error) {
      throw stateErrorOf(error, this.#db.name)
    }
    const bytes = changes.entities.reduce((sum, { length }) => sum + length, 0)
    this.#fold.added(bytes)
    this.#logged += bytes + commitBytes
  }

  /** Whether `tidy` has something to do. */
  get isUntidy(): boolean {
    return this.#fold.isDue || this.#isLogLong
  }

  get #isLogLong(): boolean {
    return this.#checkpoints && this.#logged >= checkpointFromBytes
  }

  /**
   * Puts a little of what commits left in batches where it belongs. Never throws: what fails with it is told by the next
   * commit, except that the disk is full, which a commit finds by itself.
   */
  tidy(): void {
    // No sync: in the write-ahead log it lies before the next commit, whose sync holds for both.
    this.#db.pragma('synchronous = NORMAL')
    try {
      if (this.#isLogLong) {
        this.#logged = 0
        this.#db.pragma('wal_checkpoint(PASSIVE)')
        return
      }
      const before = this.#fold.written
      this.#tidy()
      this.#logged += this.#fold.written - before
    } catch (error) {
      this.#fold.giveUp()
      const problem = stateErrorOf(error, this.#db.name)
      if (!(problem instanceof StateError && problem.code === 'full')) this.#problem = problem
    } finally {
      this.#db.pragma('synchronous = FULL')
    }
  }
}

function fenced(file: string, found: unknown, term: number): StateError {
  const what = `${file} was opened again (term ${found}, this store has ${term})`
  return new StateError('fenced', `${what}: this process must stop acting`)
}
