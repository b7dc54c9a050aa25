import type { KeyedHash } from '../hash/keyed-hash.ts'
import type { Cells, Column, Place, Rekey, Shape } from './aggregate.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { Keys } from './keys.ts'
import { Records } from './records.ts'

/** Cells of a shape that can be moved from slot to slot. */
export interface CellView<S extends Shape> {
  readonly place: Place
  readonly cells: Cells<S>
}

/**
 * All cells of one shape: a column for each aggregate, and slots whose cells are opened and released together and lie in one
 * record, behind `headWords` words that belong to whoever opens slots.
 */
export class CellArena<S extends Shape> {
  readonly names: readonly string[]
  readonly #columns: readonly Column<unknown>[]
  readonly records: Records
  readonly #headWords: number
  readonly #free: number[] = []
  #opened = 0

  /** Arenas with the same `keys` merge without looking at texts. */
  constructor(shape: S, hash: KeyedHash, keys = new Keys(hash), headWords = 0) {
    this.names = Object.keys(shape)
    const aggregates = Object.values(shape)
    const records = new Records(aggregates.reduce((sum, { words }) => sum + words, headWords))
    let offset = headWords
    this.records = records
    this.#headWords = headWords
    this.#columns = aggregates.map((aggregate) => {
      const column = aggregate.column(keys, { records, offset })
      offset += aggregate.words
      return column
    })
  }

  get bytes(): number {
    const beside = this.#columns.reduce((sum, column) => sum + column.bytes, 0)
    return this.records.bytes + beside + this.#free.length * 8
  }

  /** Slots ever opened: all are below it. */
  get slots(): number {
    return this.#opened
  }

  /** A slot with empty cells. */
  open(): number {
    const slot = this.#free.pop()
    if (slot !== undefined) return slot
    this.records.reserve(this.#opened + 1)
    return this.#opened++
  }

  release(slot: number): void {
    this.clear(slot)
    this.#free.push(slot)
  }

  /** Empties the cells of a slot that stays open. */
  clear(slot: number): void {
    for (let index = 0; index < this.#columns.length; index++)
      (this.#columns[index] as Column<unknown>).release(slot)
    this.records.clear(slot, this.#headWords)
  }

  view(slot = 0): CellView<S> {
    const place = { slot, time: 0, before: -1 }
    const cells = Object.fromEntries(
      this.names.map((name, index) => [name, this.#columns[index]?.cursor(place)]),
    )
    return { place, cells: cells as Cells<S> }
  }

  /** Merges one cell, or all, of a slot of `from` into a slot here. */
  merge(into: number, from: CellArena<S>, slot: number): void {
    for (let index = 0; index < this.#columns.length; index++) {
      ;(this.#columns[index] as Column<unknown>).merge(into, from.#columns[index] as Column<unknown>, slot)
    }
  }

  /** Merges the cell `source` of a slot of `from`, which may have another shape, into the cell `name` of a slot here. */
  mergeOne(
    name: number,
    into: number,
    from: CellArena<Shape>,
    source: number,
    slot: number,
    rekey?: Rekey,
  ): void {
    ;(this.#columns[name] as Column<unknown>).merge(
      into,
      from.#columns[source] as Column<unknown>,
      slot,
      rekey,
    )
  }

  /** `Column.size` of one cell. */
  size(name: number, slot: number): number {
    return (this.#columns[name] as Column<unknown>).size(slot)
  }

  encode(slot: number, out: ByteWriter): void {
    for (const column of this.#columns) column.encode(slot, out)
  }

  /** Reads what `encode` wrote into an open, empty slot. */
  decode(slot: number, from: ByteReader): void {
    for (const column of this.#columns) column.decode(slot, from)
  }
}
