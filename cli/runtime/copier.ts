import { randomUUID } from 'node:crypto'
import type { Decision } from '../../core/decision/decision.ts'
import type { SealedPane } from '../../core/engine/sealed-pane.ts'
import type { AnalyticsTable, AnalyticsTables } from '../../core/ports/analytics-store.ts'
import type { Run } from '../../core/response/run.ts'
import type { OffsetRange } from '../../storage/spill/batch-label.ts'
import type { Found } from '../pipeline/commits.ts'
import type { Located } from '../pipeline/partition-lane.ts'
import { GrowingBatch } from './copy-batch.ts'
import { CopyQueue, type CopyQueueOptions } from './copy-queue.ts'
import { Ranges, RowCollector, type Rows } from './copy-rows.ts'
import type { SkippedRows } from './skip-report.ts'

export interface CopierOptions extends Omit<CopyQueueOptions, 'bounds'> {
  readonly space: string
  readonly lane: string
  readonly bounds?: Partial<CopierBounds>
}

export interface CopierBounds {
  /** A batch waits so long for more rows, milliseconds, unless it is full. */
  readonly batchMs: number
  readonly batchRows: number
  readonly batchBytes: number
  /** Batches that wait for the store in memory; with more of them, or with the store away, they go to disk. */
  readonly memoryBatches: number
  /** Everything in memory; beyond it events are skipped. */
  readonly memoryBytes: number
}

const boundsDefault: CopierBounds = {
  batchMs: 1000,
  batchRows: 16_000,
  batchBytes: 4 * 1024 * 1024,
  memoryBatches: 8,
  memoryBytes: 64 * 1024 * 1024,
}
const flushMsMax = 5000
/** While very many wait, a batch waits longer for more rows. */
const patience = 5

/** What was taken up to a checkpoint that is being committed. */
interface Captured {
  readonly rows: readonly Rows[]
  readonly skipped: readonly OffsetRange[]
}

/**
 * Copies what was seen and found to the analytics store, in order. Rows are encoded when they come, and detection never
 * waits: a store that is slow or away is waited for on disk, and what does not fit there is skipped and recorded.
 * Events are handed on when the checkpoint that holds their positions is committed, so that a crash, after which they
 * are read again, never copies one twice.
 */
export class Copier {
  readonly #options: CopierOptions
  readonly #bounds: CopierBounds
  readonly #queue: CopyQueue
  readonly #open: RowCollector<'events'>
  readonly #skipped = new Ranges()
  readonly #captured: Captured[] = []
  #capturedBytes = 0
  readonly #growing = new Map<AnalyticsTable, GrowingBatch>()
  #growingBytes = 0
  /** Names what has no position of its own: a later process starts counting anew, under another name. */
  readonly #process = randomUUID()
  #batches = 0
  #timer: NodeJS.Timeout | undefined
  #ticks = 0
  #isClosed = false

  constructor(options: CopierOptions) {
    this.#options = options
    this.#bounds = { ...boundsDefault, ...options.bounds }
    this.#queue = new CopyQueue({ ...options, bounds: this.#bounds })
    this.#open = this.#collector('events')
  }

  /** Rows that were given up since the start, by table. */
  get dropped(): ReadonlyMap<AnalyticsTable, number> {
    return this.#queue.dropped
  }

  /** What waits on disk, and how many ranges of events were skipped and recorded since the start. */
  get spillBytes(): number {
    return this.#queue.spillBytes
  }
  get skippedRanges(): number {
    return this.#queue.skippedRanges
  }

  /** Of everything that is held in memory. */
  get memoryBytes(): number {
    return this.#open.bytes + this.#capturedBytes + this.#growingBytes + this.#queue.memoryBytes
  }

  /** Accepted events; they may change once this returns. */
  events(items: readonly Located[]): void {
    if (this.#isClosed || this.#queue.isOff) return
    for (const item of items) {
      if (this.memoryBytes > this.#bounds.memoryBytes) this.#skipped.add(item)
      else {
        this.#skipped.end()
        this.#encode('events', this.#open, item, item)
      }
    }
  }

  /** What was taken so far belongs to the checkpoint that is committed next. */
  captured(): void {
    const rows = this.#open.take()
    for (const { bytes } of rows) this.#capturedBytes += bytes.length
    this.#captured.push({ rows, skipped: this.#skipped.take() })
  }

  /** What a checkpoint made durable: panes that were sealed, and the events that were captured for it. */
  committed(panes: readonly SealedPane[]): void {
    const { rows, skipped } = this.#captured.shift() ?? { rows: [], skipped: [] }
    for (const one of rows) this.#capturedBytes -= one.bytes.length
    this.#grow('events', rows)
    if (skipped.length > 0) this.#queue.skip(this.#eventsOf(skipped), 'full')
    this.#addAll('panes', panes)
  }

  /** What any commit made durable. */
  found({ findings, runs }: Found): void {
    this.#addAll('findings', findings)
    this.#addAll('runs', runs)
  }

  /** What response made durable besides: steps that were done, decisions made, renewed and taken back (`removed`). */
  responded(changes: {
    readonly runs?: readonly Run[]
    readonly decisions?: readonly (Decision & { readonly removed?: number })[]
  }): void {
    this.#addAll('runs', changes.runs ?? [])
    this.#addAll('decisions', changes.decisions ?? [])
  }

  /**
   * Sends what waits, for at most `msMax`; what is left then waits on disk for the next start. Nothing is taken
   * afterwards. Events that were not committed are left out, because they will be read again.
   */
  async flush(msMax = flushMsMax): Promise<void> {
    this.#cut()
    this.#isClosed = true
    await this.#queue.close(msMax)
  }

  #collector<T extends AnalyticsTable>(table: T): RowCollector<T> {
    const { batchBytes, batchRows } = this.#bounds
    return new RowCollector(table, this.#options, { bytes: batchBytes, rows: batchRows })
  }

  #eventsOf(ranges: readonly OffsetRange[]): SkippedRows {
    const { space, lane } = this.#options
    return { table: 'events', space, lane, ranges, rows: ranges.reduce((sum, { rows }) => sum + rows, 0) }
  }

  #addAll<T extends AnalyticsTable>(table: T, rows: readonly AnalyticsTables[T][]): void {
    if (rows.length === 0 || this.#isClosed || this.#queue.isOff) return
    const collector = this.#collector(table)
    for (const row of rows) this.#encode(table, collector, row)
    this.#grow(table, collector.take())
  }

  #encode<T extends AnalyticsTable>(
    table: T,
    collector: RowCollector<T>,
    row: AnalyticsTables[T],
    event?: Located,
  ): void {
    try {
      collector.add(row, event)
    } catch (error) {
      this.#queue.drop(table, `it could not be encoded: ${String(error)}`)
    }
  }

  #grow(table: AnalyticsTable, pieces: readonly Rows[]): void {
    const { batchBytes, batchRows, batchMs } = this.#bounds
    for (const piece of pieces) {
      let batch = this.#growing.get(table)
      if (batch && (batch.rows + piece.count > batchRows || batch.bytes + piece.bytes.length > batchBytes)) {
        this.#end(table, batch)
        batch = undefined
      }
      if (!batch) {
        batch = new GrowingBatch(table)
        this.#growing.set(table, batch)
        this.#growingBytes += batch.bytes
      }
      batch.add(piece)
      this.#growingBytes += piece.bytes.length
      if (batch.rows >= batchRows || batch.bytes >= batchBytes) this.#end(table, batch)
      else this.#timer ??= setTimeout(() => this.#tick(), batchMs).unref()
    }
  }

  #tick(): void {
    this.#timer = undefined
    if (!this.#queue.isCrowded || ++this.#ticks >= patience) this.#cut()
    else this.#timer = setTimeout(() => this.#tick(), this.#bounds.batchMs).unref()
  }

  /** Ends every batch that grows; the order in which they began is kept. */
  #cut(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#ticks = 0
    for (const [table, batch] of [...this.#growing]) this.#end(table, batch)
  }

  #end(table: AnalyticsTable, batch: GrowingBatch): void {
    this.#growing.delete(table)
    const { space, lane } = this.#options
    this.#growingBytes -= batch.bytes
    this.#queue.push(batch.end(space, lane, `${this.#process}:${this.#batches++}`))
  }
}
