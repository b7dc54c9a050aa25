import { type Baseline, emptyBaseline } from '../../../core/baseline/baseline.ts'
import type { PartitionBatch, PartitionWork } from '../../../storage/kafka/partition-work.ts'
import { BaselineRecords } from './baseline-messages.ts'

export interface FollowedBaselineOptions {
  readonly topic: string
  /** Offsets of the topic when reading begins. */
  readonly from: number
  readonly until: number
  /** Another one is there, which can't be read: the one before stays in force. */
  readonly onProblem: (problem: string) => void
}

/** The baseline that is in force, as the topic tells it. */
export class FollowedBaseline implements PartitionWork {
  /** Resolves once that is in force which was when reading began. Rejects when it can't be read. */
  readonly isCurrent: Promise<void>
  readonly #options: FollowedBaselineOptions
  readonly #records = new BaselineRecords()
  #reached: (error?: unknown) => void = () => {}
  #isReached = false
  #next: number
  #baseline = emptyBaseline
  #changed = new AbortController()

  constructor(options: FollowedBaselineOptions) {
    this.#options = options
    this.#next = options.from
    this.isCurrent = new Promise((resolve, reject) => {
      this.#reached = (error) => (error === undefined ? resolve() : reject(error))
    })
    this.isCurrent.catch(() => {})
    if (options.from >= options.until) this.#reach()
  }

  /** What is in force, and a signal that aborts when something else is. */
  get inForce(): { readonly baseline: Baseline; readonly changed: AbortSignal } {
    return { baseline: this.#baseline, changed: this.#changed.signal }
  }

  get reading(): ReadonlyMap<string, number> {
    return new Map([[this.#options.topic, this.#next]])
  }

  async take({ messages, next }: PartitionBatch): Promise<void> {
    for (const { key, value } of messages) this.#records.take(String(key), value)
    this.#next = next
    if (next < this.#options.until) return
    try {
      if (messages.length > 0) this.#turnTo(await this.#records.read())
      this.#reach()
    } catch (error) {
      if (!this.#isReached) this.#reached(error)
      else this.#options.onProblem(String(error))
    }
  }

  tick(): void {}

  async close(): Promise<void> {}

  #turnTo(baseline: Baseline | undefined): void {
    if (!baseline || baseline.digest === this.#baseline.digest) return
    this.#baseline = baseline
    this.#changed.abort()
    this.#changed = new AbortController()
  }

  #reach(): void {
    this.#isReached = true
    this.#reached()
  }
}
