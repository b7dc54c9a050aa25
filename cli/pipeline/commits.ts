import type { Finding } from '../../core/detector/finding.ts'
import type { Changes, StateStore } from '../../core/ports/state-store.ts'
import type { Executor } from '../../core/response/executor.ts'
import type { Run } from '../../core/response/run.ts'
import type { Tally } from './tally.ts'

/** What one commit found and started. */
export interface Found {
  readonly findings: readonly Finding[]
  readonly runs: readonly Run[]
}

export interface CommitParts {
  readonly store: Pick<StateStore, 'commit'>
  readonly executor: Pick<Executor, 'accept'>
  readonly tally: Tally
  /** Told what is durable by now: copies for analysis, logs. */
  readonly onFound: ((found: Found) => void) | undefined
}

/** Makes findings durable with what belongs to them, starts their runs, and tells of both. */
export class Commits {
  readonly #parts: CommitParts
  #last: Promise<void> = Promise.resolve()
  /** What goes ahead, up to the newest. */
  #ahead: Promise<void> = Promise.resolve()

  constructor(parts: CommitParts) {
    this.#parts = parts
  }

  /** One commit after the other; after one that failed all fail as it did. */
  inTurn(commit: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(commit)
    return this.#last
  }

  /** Commits findings at once, ahead of all that is taken from now on. */
  atOnce(findings: readonly Finding[]): Promise<void> {
    const committed = this.#accept(findings, {})
    this.#ahead = this.#ahead.then(() => committed)
    this.#ahead.catch(() => {})
    return committed
  }

  /**
   * Commits findings and all other changes in one transaction, behind everything that went ahead: positions must not pass an
   * event whose finding is not durable. Fails when that failed.
   */
  async behind(findings: readonly Finding[], changes: Changes): Promise<void> {
    await this.#ahead
    await this.#accept(findings, changes)
  }

  async #accept(findings: readonly Finding[], changes: Changes): Promise<void> {
    const { store, executor, tally, onFound } = this.#parts
    // Without findings nothing is planned, and response need not wait for this commit.
    if (findings.length === 0) return store.commit(changes)
    let started: readonly Run[] = []
    const problems = await executor.accept(findings, async (runs) => {
      started = runs
      await store.commit({ ...changes, findings, runs })
    })
    tally.add(findings, problems)
    onFound?.({ findings, runs: started })
  }
}
