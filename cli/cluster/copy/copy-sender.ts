import type { AnalyticsStore } from '../../../core/ports/analytics-store.ts'
import { AnalyticsError } from '../../../storage/clickhouse/analytics-error.ts'
import type { KeptRows } from '../../../storage/spill/kept-rows.ts'
import type { SkippedLog } from '../../../storage/spill/skipped-log.ts'
import type { SkipReason } from '../../../storage/spill/skipped-range.ts'
import type { CopyBatch } from '../../runtime/copy-batch.ts'
import { sleepUntil } from '../../runtime/signal-waits.ts'
import { SkipReport } from '../../runtime/skip-report.ts'

export interface CopySenderOptions {
  readonly store: Pick<AnalyticsStore, 'insert'>
  readonly report: (problem: string) => void
  readonly skipped: SkippedLog
  readonly kept: KeptRows
}

export interface Sending {
  /** Asked before each attempt; what it rejects with ends the sending. */
  confirm(): Promise<void>
  readonly signal: AbortSignal
}

const retryMs = { first: 500, most: 5000 }

/** Rows of a batch, by what became of them; none before the signal ended it. */
export interface Sent {
  readonly stored: number
  readonly refused: number
}

/** Inserts batches until the store has them. They wait in Kafka meanwhile, so nothing else keeps them. */
export class CopySender {
  readonly #options: CopySenderOptions
  readonly #skips: SkipReport
  #isAway = false

  constructor(options: CopySenderOptions) {
    this.#options = options
    this.#skips = new SkipReport(options.report, options.skipped)
  }

  /** Resolves when the batch is stored, when it is refused for good, which is recorded, or after the signal. */
  async send({ label, bytes }: CopyBatch, { confirm, signal }: Sending): Promise<Sent> {
    const { store, report } = this.#options
    for (let delayMs = retryMs.first; !signal.aborted; delayMs = Math.min(delayMs * 2, retryMs.most)) {
      await confirm()
      try {
        await store.insert({ ...label, bytes })
        if (this.#isAway) report('copies for analysis go on')
        this.#isAway = false
        return { stored: label.rows, refused: 0 }
      } catch (error) {
        // Rows that were refused would hold up everything behind them for ever.
        if (!(error instanceof AnalyticsError) || error.problem === 'refused') {
          return this.setAside({ label, bytes }, 'refused', messageOf(error))
        }
        if (!this.#isAway) report(`copies for analysis wait in Kafka: ${messageOf(error)}`)
        this.#isAway = true
      }
      await sleepUntil(delayMs, signal)
    }
    return { stored: 0, refused: 0 }
  }

  /**
   * Leaves a batch to `picket refill`. Resolves once that is on disk: before the offset moves on, or a kill would leave nobody who
   * knows.
   */
  async setAside({ label, bytes }: CopyBatch, reason: SkipReason, why: string): Promise<Sent> {
    const { skipped, kept } = this.#options
    if (label.table !== 'events' && (await kept.add(label, bytes)))
      this.#skips.kept(label, kept.folder, reason, why)
    else {
      this.#skips.add(label, reason, why)
      await skipped.flush()
    }
    return { stored: 0, refused: label.rows }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 500) : String(error)
}
