import { randomUUID } from 'node:crypto'
import type { Decision } from '../../core/decision/decision.ts'
import type { Event } from '../../core/event/event.ts'
import type { AnalyticsStore, AnalyticsTable, AnalyticsTables } from '../../core/ports/analytics-store.ts'
import type { Run } from '../../core/response/run.ts'
import type { Located } from '../pipeline/partition-lane.ts'
import type { Committed } from '../pipeline/pipeline.ts'
import { GrowingBatch } from './copy-batch.ts'
import { CopyQueue } from './copy-queue.ts'

export interface CopierOptions {
  /** `prepare` may wait until the store is there. */
  readonly store: Pick<AnalyticsStore, 'prepare' | 'insert'>
  readonly space: string
  readonly lane: string
  readonly report: (problem: string) => void
  readonly bounds?: Partial<CopierBounds>
}

export interface CopierBounds {
  /** A batch waits so long for more rows, milliseconds, unless it is full. */
  readonly batchMs: number
  readonly batchRows: number
  /** What may wait for a store that is slow or away; beyond it the oldest batch is dropped. */
  readonly rowsMax: number
  readonly bytesMax: number
}

const boundsDefault: CopierBounds = {
  batchMs: 1000,
  batchRows: 5000,
  rowsMax: 250_000,
  bytesMax: 256 * 1024 * 1024,
}
const flushMsMax = 5000
/** While so many batches wait for the store, small ones go on growing. */
const waitingMany = 32
/** Rough size of a row without its texts, bytes. */
const rowBytes = 500

/**
 * Copies what was seen and found to the analytics store, in order, from memory. Detection never waits for it: over
 * the bound rows are dropped, counted and reported. Copies are no truth: after a crash events since the last commit
 * are copied again, and what was still waiting is missing.
 */
export class Copier {
  readonly #bounds: CopierBounds
  readonly #queue: CopyQueue
  readonly #growing = new Map<string, GrowingBatch<AnalyticsTable>>()
  /** Names what has no position of its own: a later process starts counting anew, under another name. */
  readonly #process = randomUUID()
  #rowsSeen = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor({ bounds, ...options }: CopierOptions) {
    this.#bounds = { ...boundsDefault, ...bounds }
    this.#queue = new CopyQueue({ ...options, ...this.#bounds })
  }

  /** Rows dropped since the start, by table. */
  get dropped(): ReadonlyMap<AnalyticsTable, number> {
    return this.#queue.dropped
  }

  /** Accepted events; they must not change any more. */
  events(items: readonly Located[]): void {
    for (const { event, offset, lane } of items) {
      const { source, partition, key } = lane
      this.#add('events', key, { position: { source, partition, offset }, event }, offset, bytesOf(event))
    }
  }

  /** What a checkpoint made durable. */
  committed({ output, runs }: Committed): void {
    this.#addAll('panes', output.panes, rowBytes)
    this.#addAll('findings', output.findings, 4 * rowBytes)
    this.#addAll('runs', runs, 8 * rowBytes)
  }

  /** What response made durable besides: steps that were done, decisions made, renewed and taken back (`removed`). */
  responded(changes: {
    readonly runs?: readonly Run[]
    readonly decisions?: readonly (Decision & { readonly removed?: number })[]
  }): void {
    this.#addAll('runs', changes.runs ?? [], 8 * rowBytes)
    this.#addAll('decisions', changes.decisions ?? [], rowBytes)
  }

  /** Sends what waits, for at most `msMax`; what is left then is dropped and reported. Nothing is taken afterwards. */
  async flush(msMax = flushMsMax): Promise<void> {
    this.#cut()
    this.#closed = true
    await this.#queue.close(msMax)
  }

  #addAll<T extends AnalyticsTable>(table: T, rows: readonly AnalyticsTables[T][], bytes: number): void {
    for (const row of rows) this.#add(table, this.#process, row, this.#rowsSeen++, bytes)
  }

  #add<T extends AnalyticsTable>(
    table: T,
    partition: string,
    row: AnalyticsTables[T],
    position: number,
    bytes: number,
  ): void {
    if (this.#closed || this.#queue.isOff) return
    const key = `${table}\u0000${partition}`
    let batch = this.#growing.get(key) as GrowingBatch<T> | undefined
    if (!batch) {
      batch = new GrowingBatch(table, partition)
      this.#growing.set(key, batch as unknown as GrowingBatch<AnalyticsTable>)
      this.#timer ??= setTimeout(() => this.#tick(), this.#bounds.batchMs).unref()
    }
    batch.add(row, position, bytes)
    this.#queue.grew(1, bytes)
    if (batch.rowCount >= this.#bounds.batchRows) {
      this.#growing.delete(key)
      this.#queue.push(batch)
    } else if (!this.#queue.fits()) this.#cut()
  }

  #tick(): void {
    this.#timer = undefined
    if (this.#queue.length < waitingMany) this.#cut()
    else this.#timer = setTimeout(() => this.#tick(), this.#bounds.batchMs).unref()
  }

  /** Ends every batch that grows; the order in which they began is kept. */
  #cut(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const batches = [...this.#growing.values()]
    this.#growing.clear()
    for (const batch of batches) this.#queue.push(batch)
  }
}

/** Estimated size of an event in memory: an attacker chooses how long its texts are. */
function bytesOf(event: Event): number {
  let bytes = rowBytes
  for (const name in event) {
    const value = event[name as keyof Event]
    if (typeof value === 'string') bytes += value.length
    else if (Array.isArray(value)) for (const text of value) bytes += String(text).length
  }
  return bytes
}
