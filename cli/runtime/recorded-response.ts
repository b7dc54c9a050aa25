import type { Executor } from '../../core/response/executor.ts'
import type { Captured } from '../pipeline/captured.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'

/** Points that wait for response, at most. */
const waitingMax = 32

/**
 * Response to recorded events, in their own time. With threads it follows `lagMs` of event time behind detection, so
 * that one thread need not wait for the others at each point; what it does depends on the recording alone.
 */
export class RecordedResponse {
  /** Event time that response has come to, epoch milliseconds. */
  now = 0
  readonly #pipeline: Pipeline
  readonly #executor: Executor
  readonly #lagMs: number
  readonly #waiting: Captured[] = []

  constructor(pipeline: Pipeline, executor: Executor, lagMs: number) {
    this.#pipeline = pipeline
    this.#executor = executor
    this.#lagMs = lagMs
  }

  /** Whether every point is worth taking: what threads find is known only later. */
  get isLagging(): boolean {
    return this.#lagMs > 0
  }

  /** Takes a point for response, and responds to those that are due. */
  async take(): Promise<void> {
    const latest = this.#pipeline.capture()
    this.#waiting.push(latest)
    const until = latest.watermark - this.#lagMs
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      if (this.#waiting.length <= waitingMax && first.watermark > until) return
      await this.#respond(first)
    }
  }

  /** Nothing more is judged: responds to everything that waits. */
  async finish(): Promise<void> {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) await this.#respond(first)
  }

  async #respond(captured: Captured): Promise<void> {
    this.#waiting.shift()
    this.now = Math.max(0, captured.watermark)
    await this.#pipeline.commit(captured)
    await this.#executor.idle()
    await this.#executor.reconcile()
  }
}
