import { setTimeout as sleep } from 'node:timers/promises'
import type { AnalyticsStore, AnalyticsTable } from '../../core/ports/analytics-store.ts'
import { AnalyticsError } from '../../storage/clickhouse/analytics-error.ts'
import type { SkipReason } from '../../storage/spill/skipped-range.ts'
import type { CopyBatch } from './copy-batch.ts'
import { type CopySpill, type WaitingBatch, waitingInMemory } from './copy-spill.ts'
import { aborted } from './signal-waits.ts'
import { type SkippedRows, SkipReport } from './skip-report.ts'

export interface CopyQueueOptions {
  /** `prepare` may wait until the store is there. */
  readonly store: Pick<AnalyticsStore, 'prepare' | 'insert'>
  readonly report: (problem: string) => void
  /** Where batches wait that memory has no room for; without it they are skipped. */
  readonly spill?: CopySpill
  readonly bounds: {
    /** With more than these in memory they go to disk, and at once while the store is away. */
    readonly memoryBatches: number
    readonly memoryBytes: number
  }
}

const retryMs = { first: 500, most: 30_000, closing: 100 }

/** Batches on their way to the store, sent one after the other; a failure that may pass is repeated with the same token. */
export class CopyQueue {
  readonly #options: CopyQueueOptions
  readonly #skips: SkipReport
  readonly #batches: WaitingBatch[]
  readonly #stopped = new AbortController()
  #pause = new AbortController()
  #memoryBytes = 0
  #sending: Promise<void> | undefined
  #isPrepared = false
  #isClosing = false
  #isAway = false
  #isOff = false

  constructor(options: CopyQueueOptions) {
    this.#options = options
    this.#skips = new SkipReport(options.report, options.spill?.skipped)
    this.#batches = [...(options.spill?.left ?? [])]
    this.#start()
  }

  /** Rows that were given up since the start, by table. */
  get dropped(): ReadonlyMap<AnalyticsTable, number> {
    return this.#skips.rows
  }

  /** The store can never be there, so nothing is kept for it. */
  get spillBytes(): number {
    return this.#options.spill?.bytes ?? 0
  }

  /** Ranges of events that were skipped and recorded, since the start. */
  get skippedRanges(): number {
    return this.#skips.ranges
  }

  get isOff(): boolean {
    return this.#isOff
  }

  /** So many batches wait that fewer and larger ones are better. */
  get isCrowded(): boolean {
    return this.#options.spill?.isCrowded ?? false
  }

  /** Of batches that wait, on their way to disk included. */
  get memoryBytes(): number {
    return this.#memoryBytes
  }

  /** Takes a batch, unless there is no room for it: then its rows are skipped and recorded. Never waits. */
  push(batch: CopyBatch): void {
    const { spill, bounds } = this.#options
    if (this.#isOff) return
    const { label, bytes } = batch
    // Findings and what was done are few, and missed more than raw events: these leave them a tenth of all room.
    const share = label.table === 'events' ? 0.9 : 1
    if (this.#memoryBytes + bytes.length > bounds.memoryBytes * share) {
      this.skip(label, spill?.isBroken ? 'unwritable' : 'full')
      return
    }
    if (spill?.isOn && !spill.hasRoom(label, this.#memoryBytes + bytes.length, share)) {
      this.skip(label, 'full')
      return
    }
    const waiting = waitingInMemory(batch)
    this.#batches.push(waiting)
    this.#memoryBytes += bytes.length
    // What waits for a store that is not there would be missing after a crash.
    const inMemoryMax = this.#isPrepared && !this.#isAway ? bounds.memoryBatches : 0
    if (spill?.isOn) spill.write([waiting], this.#released)
    else if (this.#batches.length > inMemoryMax) spill?.write(this.#batches, this.#released)
    this.#start()
  }

  /** Rows that can't be kept; their ranges are recorded. */
  skip(rows: SkippedRows, reason: SkipReason): void {
    this.#skips.add(rows, reason)
  }

  /** A row that could not be encoded. */
  drop(table: AnalyticsTable, why: string): void {
    this.#skips.drop(table, why)
  }

  /** Sends what waits for at most `msMax`; the rest waits on disk for the next start, or is given up without one. */
  async close(msMax: number): Promise<void> {
    const { spill, report } = this.#options
    this.#isClosing = true
    this.#pause.abort()
    // Nobody is helped by waiting for a store that is known to be away when the disk keeps it all.
    const timer = setTimeout(() => this.#stopped.abort(), spill && this.#isAway ? 0 : msMax)
    await Promise.race([this.#sending, aborted(this.#stopped.signal)])
    clearTimeout(timer)
    this.#stopped.abort()
    const left = this.#batches.splice(0)
    const kept = (await spill?.close(left)) ?? new Set()
    const lost = left.filter((batch) => !kept.has(batch))
    for (const { label } of lost) this.skip(label, spill ? 'unwritable' : 'full')
    await spill?.skipped.flush()
    if (kept.size > 0) report(`${rowsOf(kept)} rows of copies wait on disk for the next start`)
    if (lost.length > 0) report(`stopped with copies unsent: ${this.#skips.text()}`)
  }

  readonly #released = (batch: WaitingBatch): void => {
    // The one that is being sent stays in memory until it is.
    if (batch !== this.#batches[0] || !this.#sending) this.#forget(batch)
  }

  #start(): void {
    if (this.#batches.length === 0) return
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined
    })
  }

  /** Never rejects: what fails is repeated, skipped or switched off. */
  async #send(): Promise<void> {
    const { store, spill } = this.#options
    for (let delayMs = retryMs.first; !this.#stopped.signal.aborted; ) {
      const [batch] = this.#batches
      if (!batch) return
      let bytes: Uint8Array | undefined
      try {
        if (!this.#isPrepared) await store.prepare()
        this.#isPrepared = true
        bytes = batch.bytes ?? (await spill?.read(batch))
        if (this.#stopped.signal.aborted) return
        if (bytes) await store.insert({ ...batch.label, bytes })
        // `close` may have given up on it in the meantime; then it is sent again, under its token.
        if (this.#batches[0] !== batch) return
        this.#end(batch)
        if (!bytes) this.skip(batch.label, 'damaged')
        delayMs = retryMs.first
        if (this.#isAway) this.#options.report('copies for analysis go on')
        this.#isAway = false
      } catch (error) {
        if (this.#stopped.signal.aborted) return
        if (!(await this.#isPassing(error, batch, bytes))) continue
        await this.#wait(this.#isClosing ? retryMs.closing : delayMs)
        delayMs = Math.min(delayMs * 2, retryMs.most)
      }
    }
  }

  /** Whether trying the same batch again can help. */
  async #isPassing(error: unknown, batch: WaitingBatch, bytes: Uint8Array | undefined): Promise<boolean> {
    const problem = error instanceof AnalyticsError ? error.problem : 'refused'
    const text = error instanceof Error ? error.message.slice(0, 500) : String(error)
    if (problem === 'missing') {
      this.#isOff = true
      for (const one of this.#batches.splice(0)) this.#forget(one)
      return false
    }
    // Rows that were refused would hold up everything behind them for ever.
    if (problem !== 'refused' || !this.#isPrepared) {
      const where = this.#options.spill ? 'wait on disk' : 'wait in memory'
      if (!this.#isAway) this.#options.report(`copies for analysis ${where}: ${text}`)
      this.#isAway = true
      const { spill } = this.#options
      if (spill && !spill.isOn) spill.write(this.#batches, this.#released)
      return true
    }
    const kept = this.#options.spill?.kept
    const isKept = batch.label.table !== 'events' && bytes && (await kept?.add(batch.label, bytes))
    // `close` may have given up on it in the meantime.
    if (this.#batches[0] !== batch) return false
    this.#end(batch)
    if (isKept) this.#skips.kept(batch.label, kept?.folder ?? '', 'refused', text)
    else this.#skips.add(batch.label, 'refused', text)
    return false
  }

  /** Takes the oldest batch out. */
  #end(batch: WaitingBatch): void {
    this.#batches.shift()
    this.#forget(batch)
    batch.isDone = true
    this.#options.spill?.done(batch)
    if (this.#batches.length > 0) return
    this.#options.spill?.drained()
    this.#skips.drained()
  }

  #forget(batch: WaitingBatch): void {
    this.#memoryBytes -= batch.bytes?.length ?? 0
    batch.bytes = undefined
  }

  async #wait(ms: number): Promise<void> {
    this.#pause = new AbortController()
    const signal = AbortSignal.any([this.#pause.signal, this.#stopped.signal])
    await sleep(ms, undefined, { signal }).catch(() => undefined)
  }
}

function rowsOf(batches: Iterable<WaitingBatch>): number {
  let rows = 0
  for (const { label } of batches) rows += label.rows
  return rows
}
