import type { Logger } from 'pino'
import type { Changes, StateStore } from '../../core/ports/state-store.ts'
import { StateError } from '../../storage/sqlite/state-error.ts'

export interface WaitingOptions {
  readonly log: Pick<Logger, 'error' | 'info'>
  /** Ends the waiting: the commit then fails as it did. */
  readonly signal: AbortSignal
  /** Resolves after the time, or earlier when the signal aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

const firstDelayMs = 250
const delayMsMax = 5000

/**
 * The state store of a run that outlives a full disk: a commit that finds no room is tried again, the same changes,
 * until there is. Nothing is acknowledged or done meanwhile, for both come after the commit.
 */
export class WaitingStore implements StateStore {
  readonly #store: StateStore
  readonly #options: WaitingOptions
  readonly #waiting = new Set<Promise<void>>()

  constructor(store: StateStore, options: WaitingOptions) {
    this.#store = store
    this.#options = options
  }

  get term(): number {
    return this.#store.term
  }

  /** Whether a commit waits for room. */
  get lacksRoom(): boolean {
    return this.#waiting.size > 0
  }

  /** Resolves when no commit waits for room. Whoever reads on without it fills memory with what can't be stored. */
  async room(): Promise<void> {
    while (this.#waiting.size > 0) await Promise.allSettled(this.#waiting)
  }

  async commit(changes: Changes): Promise<void> {
    try {
      await this.#store.commit(changes)
    } catch (error) {
      if (!isFull(error)) throw error
      const committed = this.#commitWhenRoom(changes, error)
      this.#waiting.add(committed)
      try {
        await committed
      } finally {
        this.#waiting.delete(committed)
      }
    }
  }

  async #commitWhenRoom(changes: Changes, full: StateError): Promise<void> {
    const { log, signal, sleep } = this.#options
    // Commits that come while one waits, or after the stop, find the same disk: that was said.
    if (this.#waiting.size === 0 && !signal.aborted) {
      log.error(
        `${full.message}; reading and acting wait, nothing is lost, and it goes on by itself when there is room`,
      )
    }
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, delayMsMax)) {
      await sleep(delayMs, signal)
      if (signal.aborted) throw stoppedWhileFull(full)
      try {
        await this.#store.commit(changes)
        break
      } catch (error) {
        if (!isFull(error)) throw error
      }
    }
    if (this.#waiting.size === 1) log.info('the state could be written again: there is room')
  }

  restore() {
    return this.#store.restore()
  }
  packs() {
    return this.#store.packs()
  }
  findings(filter?: { readonly id?: string; readonly since?: number }) {
    return this.#store.findings(filter)
  }
  runs(filter?: { readonly finding?: string }) {
    return this.#store.runs(filter)
  }
  journal(run: string) {
    return this.#store.journal(run)
  }
  decisions() {
    return this.#store.decisions()
  }
  close() {
    return this.#store.close()
  }
}

function isFull(error: unknown): error is StateError {
  return error instanceof StateError && error.code === 'full'
}

function stoppedWhileFull(full: StateError): StateError {
  const what = `stopped while a commit waited for room: ${full.message}`
  return new StateError('full', `${what}; what it held is read again at the next start`, full)
}
