import type { Aggregate, Column, Place } from './aggregate.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { grown } from './grown.ts'

/** An integer sum. */
export interface Counter {
  readonly value: number
  add(count?: number): void
}

class CounterColumn implements Column<Counter> {
  sums = new Float64Array(0)

  get bytes(): number {
    return this.sums.byteLength
  }

  cursor(place: Place): Counter {
    return new CounterCursor(this, place)
  }

  reserve(slots: number): void {
    this.sums = grown(this.sums, slots)
  }

  size(slot: number): number {
    return this.sums[slot] ?? 0
  }

  merge(into: number, from: CounterColumn, slot: number): void {
    this.sums[into] = (this.sums[into] ?? 0) + (from.sums[slot] ?? 0)
  }

  release(slot: number): void {
    this.sums[slot] = 0
  }

  encode(slot: number, out: ByteWriter): void {
    out.uint(this.sums[slot] ?? 0)
  }

  decode(slot: number, from: ByteReader): void {
    this.sums[slot] = from.uint()
  }
}

class CounterCursor implements Counter {
  readonly #column: CounterColumn
  readonly #place: Place

  constructor(column: CounterColumn, place: Place) {
    this.#column = column
    this.#place = place
  }

  get value(): number {
    return this.#column.sums[this.#place.slot] ?? 0
  }

  add(count = 1): void {
    const { sums } = this.#column
    sums[this.#place.slot] = (sums[this.#place.slot] ?? 0) + count
  }
}

/** Counts; adds integers of zero or more. */
export function counter(): Aggregate<Counter> {
  return { kind: 'counter', column: () => new CounterColumn() }
}
