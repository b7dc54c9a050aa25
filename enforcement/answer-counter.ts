import type { Verdict } from '../core/decision/verdict.ts'

export const answerTypes = ['allow', 'deny', 'revoke', 'throttle', 'error'] as const
/** The verdict that a gateway was told, or `error`: it got none. */
export type AnswerType = Verdict['type'] | 'error'

/** Answers since the start, by type. */
export type AnswerCounts = Readonly<Record<AnswerType, number>>

/**
 * Counts answers in memory that threads share: the one that answers adds, any other reads without asking it, and
 * what was counted outlives it.
 */
export class AnswerCounter {
  /** Give it to another thread, and to its constructor there. */
  readonly memory: SharedArrayBuffer
  readonly #counts: BigUint64Array

  constructor(memory = new SharedArrayBuffer(answerTypes.length * BigUint64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#counts = new BigUint64Array(memory)
  }

  add(type: AnswerType): void {
    Atomics.add(this.#counts, answerTypes.indexOf(type), 1n)
  }

  counts(): AnswerCounts {
    const entries = answerTypes.map((type, place) => [type, Number(Atomics.load(this.#counts, place))])
    return Object.fromEntries(entries) as AnswerCounts
  }
}
