import type { AnalyticsStore, AnalyticsTable, AnalyticsTables } from '../../core/ports/analytics-store.ts'

/** Rows of one table that are inserted together, with one token. */
export interface CopyBatch {
  readonly table: AnalyticsTable
  readonly rowCount: number
  /** Estimated. */
  readonly bytes: number
  /** Partition and offsets, for a message: what would have to be read again. */
  readonly range: string
  send(store: Pick<AnalyticsStore, 'insert'>, space: string, lane: string): Promise<void>
}

/** A batch that still grows. */
export class GrowingBatch<T extends AnalyticsTable> implements CopyBatch {
  readonly table: T
  readonly #partition: string
  readonly #rows: AnalyticsTables[T][] = []
  #first = Number.POSITIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY
  bytes = 0

  /** `partition`: of the source for events; for the rest a name that no other process uses. */
  constructor(table: T, partition: string) {
    this.table = table
    this.#partition = partition
  }

  get rowCount(): number {
    return this.#rows.length
  }

  get range(): string {
    return `${this.#partition.replace('\u0000', ' ')} ${this.#first}–${this.#last}`
  }

  /** `position` is the row's offset in its partition: no two rows of a partition have the same. */
  add(row: AnalyticsTables[T], position: number, bytes: number): void {
    this.#rows.push(row)
    // The time gate may hold an event back, so offsets don't always ascend.
    if (position < this.#first) this.#first = position
    if (position > this.#last) this.#last = position
    this.bytes += bytes
  }

  async send(store: Pick<AnalyticsStore, 'insert'>, space: string, lane: string): Promise<void> {
    const token = `${this.table}:${space}:${lane}:${this.#partition}:${this.#first}-${this.#last}`
    await store.insert(this.table, space, lane, { token, rows: this.#rows })
  }
}
