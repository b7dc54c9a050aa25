import { setTimeout as sleep } from 'node:timers/promises'
import type { AnalyticsStore, StoreClock } from '../../core/ports/analytics-store.ts'
import { AnalyticsError } from '../../storage/clickhouse/analytics-error.ts'
import type { Analytics } from './analytics.ts'

const firstDelayMs = 1000
const delayMsMax = 30_000

/** An analytics store that comes when it comes: connects until it succeeds or is closed. */
export class BackgroundAnalytics implements Analytics {
  readonly store: AnalyticsStore & StoreClock
  readonly #closed = new AbortController()
  readonly #ready: Promise<Analytics>
  readonly #report: (problem: string) => void
  #connected: Analytics | undefined
  #problem = 'it is still starting'

  constructor(connect: () => Promise<Analytics>, report: (problem: string) => void) {
    this.#report = report
    this.#ready = this.#connect(connect)
    // Whoever waits for it is told; nobody has to wait.
    this.#ready.catch(() => undefined)
    this.store = {
      prepare: async () => {
        await this.#ready
      },
      insert: async (batch) => this.#current().insert(batch),
      measureBuckets: async (query) => this.#current().measureBuckets(query),
      now: async () => this.#current().now(),
      close: () => this.close(),
    }
  }

  async close(): Promise<void> {
    this.#closed.abort()
    await this.#ready.catch(() => undefined)
    await this.#connected?.close()
    this.#connected = undefined
  }

  #current(): AnalyticsStore & StoreClock {
    if (this.#connected) return this.#connected.store
    throw new AnalyticsError('unreachable', `the analytics store is not there yet: ${this.#problem}`)
  }

  async #connect(connect: () => Promise<Analytics>): Promise<Analytics> {
    const { signal } = this.#closed
    let isReported = false
    for (let delayMs = firstDelayMs; !signal.aborted; delayMs = Math.min(delayMs * 2, delayMsMax)) {
      try {
        this.#connected = await connect()
        if (isReported) this.#report('the analytics store is there now')
        return this.#connected
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error)
        // The same words every half minute would fill a log.
        if (problem !== this.#problem) this.#report(`no copies for analysis yet: ${problem}`)
        isReported = true
        this.#problem = problem
        if (error instanceof AnalyticsError && error.problem === 'missing') throw error
      }
      await sleep(delayMs, undefined, { signal }).catch(() => undefined)
    }
    throw new AnalyticsError('unreachable', 'the analytics store was closed before it was there')
  }
}
