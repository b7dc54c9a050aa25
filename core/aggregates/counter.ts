import type { Aggregate, Column, Place } from './aggregate.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { CellPlace, Records } from './records.ts'

/** An integer sum. */
export interface Counter {
  readonly value: number
  add(count?: number): void
}

class CounterColumn implements Column<Counter> {
  readonly bytes = 0
  readonly #records: Records
  readonly #offset: number

  constructor({ records, offset }: CellPlace) {
    this.#records = records
    this.#offset = offset >> 1
  }

  cursor(place: Place): Counter {
    return new CounterCursor(this, place)
  }

  size(slot: number): number {
    const { floats, stride } = this.#records
    return floats[slot * (stride >> 1) + this.#offset] as number
  }

  add(slot: number, count: number): void {
    const { floats, stride } = this.#records
    const at = slot * (stride >> 1) + this.#offset
    floats[at] = (floats[at] as number) + count
  }

  merge(into: number, from: CounterColumn, slot: number): void {
    this.add(into, from.size(slot))
  }

  release(): void {}

  encode(slot: number, out: ByteWriter): void {
    out.uint(this.size(slot))
  }

  decode(slot: number, from: ByteReader): void {
    this.add(slot, from.uint())
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
    return this.#column.size(this.#place.slot)
  }

  add(count = 1): void {
    this.#column.add(this.#place.slot, count)
  }
}

/** Counts; adds integers of zero or more. */
export function counter(): Aggregate<Counter> {
  return { kind: 'counter', words: 2, column: (_keys, at) => new CounterColumn(at) }
}
