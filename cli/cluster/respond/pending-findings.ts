import type { Finding } from '../../../core/detector/finding.ts'
import type { Positions } from '../../../core/event/position.ts'
import type { Found } from '../detect/finding-messages.ts'

/** Findings as they were read, each with the offset behind it. */
interface Pending extends Found {
  readonly next: number
}

/** More are not read before some of these are accepted. */
const pendingMax = 2000
/** Planned in one transaction, at most. */
const acceptedMax = 500

/** Findings that wait until the traffic is counted that they were made of: before that nobody knows whom an action would hit. */
export class PendingFindings {
  #pending: Pending[] = []

  get isFull(): boolean {
    return this.#pending.length >= pendingMax
  }

  get isEmpty(): boolean {
    return this.#pending.length === 0
  }

  add(found: Found, next: number): void {
    this.#pending.push({ ...found, next })
  }

  /** The first ones that need not wait, in order, and the offset behind them. */
  take(hasSeen: (positions: Positions) => boolean): {
    readonly findings: readonly Finding[]
    readonly next: number
  } {
    let count = 0
    // Findings of one commit share their positions, so the question is asked once for all of them.
    let asked: Positions | undefined
    for (const { observed } of this.#pending.slice(0, acceptedMax)) {
      if (observed !== asked && !hasSeen(observed)) break
      asked = observed
      count++
    }
    const taken = this.#pending.splice(0, count)
    return { findings: taken.map(({ finding }) => finding), next: taken.at(-1)?.next ?? 0 }
  }
}
