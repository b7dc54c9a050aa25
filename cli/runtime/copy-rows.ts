import type { Buffer } from 'node:buffer'
import type { AnalyticsTable, AnalyticsTables, EventRow } from '../../core/ports/analytics-store.ts'
import { RowBytes } from '../../storage/clickhouse/row-binary/row-bytes.ts'
import { type RowEncoder, rowEncoder } from '../../storage/clickhouse/row-encoder.ts'
import type { OffsetRange } from '../../storage/spill/batch-label.ts'

/** Rows of one table, encoded. */
export interface Rows {
  readonly bytes: Buffer
  readonly count: number
  /** Partitions (days) of the table that they fall in. */
  readonly days: ReadonlySet<number>
  /** Where events came from. */
  readonly ranges: readonly OffsetRange[]
}

type Lane = EventRow['lane']
type Growing = { -readonly [Key in keyof OffsetRange]: OffsetRange[Key] }

/** The offsets of events, by partition. */
export class Ranges {
  readonly #ended: Growing[] = []
  #byLane = new Map<Lane, Growing>()
  #lane: Lane | undefined
  #range: Growing | undefined

  add({ lane, offset }: EventRow): void {
    if (lane !== this.#lane) this.#turnTo(lane, offset)
    const range = this.#range as Growing
    // The time gate may hold an event back, so offsets don't always ascend.
    if (offset < range.first) range.first = offset
    if (offset > range.last) range.last = offset
    range.rows++
  }

  /** What is added next begins ranges of its own, so that none covers what came in between. */
  end(): void {
    if (this.#lane === undefined) return
    this.#ended.push(...this.#byLane.values())
    this.#byLane = new Map()
    this.#lane = undefined
  }

  take(): OffsetRange[] {
    this.end()
    return this.#ended.splice(0)
  }

  #turnTo(lane: Lane, offset: number): void {
    const { source, partition } = lane
    this.#lane = lane
    this.#range = this.#byLane.get(lane) ?? { source, partition, first: offset, last: offset, rows: 0 }
    this.#byLane.set(lane, this.#range)
  }
}

/** Encodes rows as they come, so that nothing of them is kept. */
export class RowCollector<T extends AnalyticsTable> {
  readonly #encoder: RowEncoder<AnalyticsTables[T]>
  readonly #bytesMax: number
  readonly #rowsMax: number
  readonly #out = new RowBytes()
  readonly #ranges = new Ranges()
  #days = new Set<number>()
  #day = Number.NaN
  #count = 0
  #taken: Rows[] = []
  #takenBytes = 0

  /** `max`: rows are handed out in pieces that are no larger by more than a row. */
  constructor(
    table: T,
    place: { readonly space: string; readonly lane: string },
    max: { readonly bytes: number; readonly rows: number },
  ) {
    this.#encoder = rowEncoder(table, place.space, place.lane)
    this.#bytesMax = max.bytes
    this.#rowsMax = max.rows
  }

  /** Of all rows that were not handed out yet. */
  get bytes(): number {
    return this.#takenBytes + this.#out.length
  }

  /** The row may change afterwards. Throws what its own methods throw, with nothing added. */
  add(row: AnalyticsTables[T], event?: EventRow): void {
    this.#encoder.write(this.#out, row)
    const day = this.#encoder.partitionDay(row)
    if (day !== this.#day) this.#days.add(day)
    this.#day = day
    if (event) this.#ranges.add(event)
    this.#count++
    if (this.#count >= this.#rowsMax || this.#out.length >= this.#bytesMax) this.#cut()
  }

  take(): readonly Rows[] {
    this.#cut()
    const taken = this.#taken
    this.#taken = []
    this.#takenBytes = 0
    return taken
  }

  #cut(): void {
    if (this.#count === 0) return
    const bytes = this.#out.take()
    this.#taken.push({ bytes, count: this.#count, days: this.#days, ranges: this.#ranges.take() })
    this.#takenBytes += bytes.length
    this.#days = new Set()
    this.#day = Number.NaN
    this.#count = 0
  }
}
