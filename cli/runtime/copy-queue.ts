import { setTimeout as sleep } from 'node:timers/promises'
import type { AnalyticsStore, AnalyticsTable } from '../../core/ports/analytics-store.ts'
import { AnalyticsError } from '../../storage/clickhouse/analytics-error.ts'
import type { CopyBatch } from './copy-batch.ts'

export interface CopyQueueOptions {
  readonly store: Pick<AnalyticsStore, 'prepare' | 'insert'>
  readonly space: string
  readonly lane: string
  readonly report: (problem: string) => void
  readonly rowsMax: number
  readonly bytesMax: number
}

const retryMs = { first: 500, most: 30_000, closing: 100 }
/** Between two messages about rows that were dropped. */
const reportEveryMs = 10_000

/** Batches on their way to the store, sent one after the other; a failure that may pass is repeated with the same token. */
export class CopyQueue {
  readonly dropped = new Map<AnalyticsTable, number>()
  readonly #options: CopyQueueOptions
  readonly #batches: CopyBatch[] = []
  readonly #stopped = new AbortController()
  #pause = new AbortController()
  #rows = 0
  #bytes = 0
  #sending: Promise<void> | undefined
  #isInFlight = false
  #isPrepared = false
  #isClosing = false
  #isAway = false
  #isOff = false
  #reported = Number.NEGATIVE_INFINITY

  constructor(options: CopyQueueOptions) {
    this.#options = options
  }

  get length(): number {
    return this.#batches.length
  }

  /** The store can never be there, so nothing is kept for it. */
  get isOff(): boolean {
    return this.#isOff
  }

  /** Drops batches until what waits is within its bound; false when only batches that still grow are left to drop. */
  fits(): boolean {
    const { rowsMax, bytesMax } = this.#options
    while (this.#rows > rowsMax || this.#bytes > bytesMax) if (!this.#dropOldest()) return false
    return true
  }

  /** Counts rows of batches that will be pushed. */
  grew(rows: number, bytes: number): void {
    this.#rows += rows
    this.#bytes += bytes
  }

  push(batch: CopyBatch): void {
    this.#batches.push(batch)
    this.fits()
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined
    })
  }

  /** Sends what waits for at most `msMax`, then gives up the rest. */
  async close(msMax: number): Promise<void> {
    this.#isClosing = true
    this.#pause.abort()
    const timer = setTimeout(() => this.#stopped.abort(), msMax)
    const stopped = new Promise<void>((resolve) => {
      this.#stopped.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await Promise.race([this.#sending, stopped])
    clearTimeout(timer)
    this.#stopped.abort()
    this.#isInFlight = false
    const left = this.#batches.splice(0)
    if (left.length === 0) return
    for (const batch of left) this.#count(batch)
    this.#options.report(`stopped with copies unsent: ${this.#droppedText()}`)
  }

  /** Never rejects: what fails is repeated, dropped or switched off. */
  async #send(): Promise<void> {
    const { store, space, lane } = this.#options
    for (let delayMs = retryMs.first; this.#batches.length > 0 && !this.#stopped.signal.aborted; ) {
      const [batch] = this.#batches
      if (!batch) return
      this.#isInFlight = true
      try {
        if (!this.#isPrepared) await store.prepare()
        this.#isPrepared = true
        await batch.send(store, space, lane)
        // `close` may have given up on it in the meantime.
        if (this.#batches[0] === batch) this.#forget(this.#batches.shift())
        delayMs = retryMs.first
        if (this.#isAway) this.#options.report('copies for analysis go on')
        this.#isAway = false
      } catch (error) {
        if (this.#stopped.signal.aborted) return
        if (!this.#isPassing(error, batch)) continue
        await this.#wait(this.#isClosing ? retryMs.closing : delayMs)
        delayMs = Math.min(delayMs * 2, retryMs.most)
      } finally {
        this.#isInFlight = false
      }
    }
  }

  /** Whether trying the same batch again can help. */
  #isPassing(error: unknown, batch: CopyBatch): boolean {
    const problem = error instanceof AnalyticsError ? error.problem : 'refused'
    const text = error instanceof Error ? error.message.slice(0, 500) : String(error)
    if (problem === 'missing') {
      this.#isOff = true
      for (const one of this.#batches.splice(0)) this.#forget(one)
      return false
    }
    // Rows that were refused would hold up everything behind them for ever.
    if (problem !== 'refused' || !this.#isPrepared) {
      if (!this.#isAway) this.#options.report(`copies for analysis wait in memory: ${text}`)
      this.#isAway = true
      return true
    }
    this.#batches.shift()
    this.#count(batch)
    this.#options.report(
      `${batch.rowCount} rows of ${batch.table} (${batch.range}) were refused and dropped: ${text}`,
    )
    return false
  }

  /** Raw events go first: findings and what was done are few, and missed more. Never the batch that is being sent. */
  #dropOldest(): boolean {
    const from = this.#isInFlight ? 1 : 0
    const events = this.#batches.findIndex(({ table }, index) => index >= from && table === 'events')
    const [batch] = this.#batches.splice(events >= 0 ? events : from, 1)
    if (!batch) return false
    this.#count(batch)
    const now = performance.now()
    if (now - this.#reported < reportEveryMs) return true
    this.#reported = now
    this.#options.report(
      `copies for analysis fall behind: dropped ${batch.table} of ${batch.range}; since the start ${this.#droppedText()}`,
    )
    return true
  }

  #count(batch: CopyBatch): void {
    this.#forget(batch)
    this.dropped.set(batch.table, (this.dropped.get(batch.table) ?? 0) + batch.rowCount)
  }

  #forget(batch: CopyBatch | undefined): void {
    this.#rows -= batch?.rowCount ?? 0
    this.#bytes -= batch?.bytes ?? 0
  }

  #droppedText(): string {
    return `${[...this.dropped].map(([table, rows]) => `${rows} rows of ${table}`).join(', ')} dropped`
  }

  async #wait(ms: number): Promise<void> {
    this.#pause = new AbortController()
    const signal = AbortSignal.any([this.#pause.signal, this.#stopped.signal])
    await sleep(ms, undefined, { signal }).catch(() => undefined)
  }
}
