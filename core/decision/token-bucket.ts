import type { Rate } from './decision.ts'

/**
 * At most `count` requests at once, refilled evenly at `count` per `perMs`; starts full. Counted in integers
 * (parts of a token, `perMs` of them to the token), so that no rounding lets a request more or less through.
 */
export class TokenBucket {
  readonly rate: Rate
  #level: number
  #atMs: number

  constructor(rate: Rate, nowMs: number) {
    this.rate = rate
    this.#level = rate.count * rate.perMs
    this.#atMs = nowMs
  }

  /** Milliseconds until a token is there; 0 when one is there now. Changes nothing. */
  waitMs(nowMs: number): number {
    const missing = this.rate.perMs - this.#levelAt(nowMs)
    return missing <= 0 ? 0 : Math.ceil(missing / this.rate.count)
  }

  /** Takes one token; only after `waitMs` said 0. */
  take(nowMs: number): void {
    this.#level = this.#levelAt(nowMs) - this.rate.perMs
    this.#atMs = Math.max(this.#atMs, nowMs)
  }

  /** A clock that was set back refills nothing, and the time is not counted twice when it comes round again. */
  #levelAt(nowMs: number): number {
    const refilled = Math.max(0, nowMs - this.#atMs) * this.rate.count
    return Math.min(this.rate.count * this.rate.perMs, this.#level + refilled)
  }
}
