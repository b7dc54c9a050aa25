import type { Finding } from '../detector/finding.ts'
import { byLastThenId } from '../detector/finding-order.ts'

/** Findings since they were last taken, each in its last state. */
export class FoundFindings {
  readonly #proven = new Map<string, Finding>()
  readonly #judged = new Map<string, Finding>()

  add(finding: Finding): void {
    if (finding.state === 'provisional') this.#proven.set(finding.id, finding)
    else {
      this.#proven.delete(finding.id)
      this.#judged.set(finding.id, finding)
    }
  }

  /** Whether there are provisional ones. */
  get hasProven(): boolean {
    return this.#proven.size > 0
  }

  /** Whether there are others: what sealed panes show, and what the engine tells of itself. */
  get hasJudged(): boolean {
    return this.#judged.size > 0
  }

  /** The provisional ones, in the order of all. */
  takeProven(): Finding[] {
    const proven = inOrder(this.#proven.values())
    this.#proven.clear()
    return proven
  }

  /** All, in an order that arrival has no part in: budgets give to the first who ask. */
  take(): Finding[] {
    const all = inOrder([...this.#proven.values(), ...this.#judged.values()])
    this.#proven.clear()
    this.#judged.clear()
    return all
  }
}

function inOrder(findings: Iterable<Finding>): Finding[] {
  return [...findings].sort(byLastThenId)
}
