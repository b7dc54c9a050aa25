import type { TableRows } from './table-rows.ts'

const spread = 0x9e3779b1

/** Finds the rows of one cell by the numbers of their keys. */
class RowIndex {
  /** Rows plus one by key; 0 for none. */
  #places = new Int32Array(64)
  #shift = 26
  #count = 0

  /** The row with a key, or −1. */
  find(key: number, words: Int32Array, stride: number): number {
    const places = this.#places
    const mask = places.length - 1
    for (let at = Math.imul(key, spread) >>> this.#shift; ; at = (at + 1) & mask) {
      const row = (places[at] as number) - 1
      if (row < 0 || words[row * stride + 1] === key) return row
    }
  }

  /** Adds a row whose key is not there yet. */
  add(key: number, row: number, words: Int32Array, stride: number): void {
    if (++this.#count * 2 > this.#places.length) this.#grow(words, stride)
    this.#put(key, row)
  }

  /** Forgets all rows. */
  clear(): void {
    this.#places.fill(0)
    this.#count = 0
  }

  get bytes(): number {
    return this.#places.byteLength
  }

  #put(key: number, row: number): void {
    const places = this.#places
    const mask = places.length - 1
    let at = Math.imul(key, spread) >>> this.#shift
    while (places[at] !== 0) at = (at + 1) & mask
    places[at] = row + 1
  }

  #grow(words: Int32Array, stride: number): void {
    const before = this.#places
    this.#places = new Int32Array(before.length * 2)
    this.#shift--
    for (const place of before) if (place > 0) this.#put(words[(place - 1) * stride + 1] as number, place - 1)
  }
}

/** Cells with more rows than this are indexed; in smaller ones each row is looked at. */
export const indexedFrom = 12

/** The indexes of the cells that have many rows. */
export class RowIndexes {
  readonly #rows: TableRows
  readonly #bySlot = new Map<number, RowIndex>()
  /** An index that no cell needs at present: a window's cell is filled and emptied again and again. */
  #spare: RowIndex | undefined

  constructor(rows: TableRows) {
    this.#rows = rows
  }

  get bytes(): number {
    let bytes = 0
    for (const index of this.#bySlot.values()) bytes += index.bytes
    return bytes
  }

  /** The row with a key in an indexed cell, or −1. */
  find(slot: number, key: number): number {
    return (this.#bySlot.get(slot) as RowIndex).find(key, this.#rows.words, this.#rows.stride)
  }

  /** Adds a row to an indexed cell. */
  add(slot: number, key: number, row: number): void {
    this.#bySlot.get(slot)?.add(key, row, this.#rows.words, this.#rows.stride)
  }

  /** Indexes a cell whose list of rows starts with `first`. */
  build(slot: number, first: number): void {
    const index = this.#spare ?? new RowIndex()
    this.#spare = undefined
    const { words, stride } = this.#rows
    for (let row = first; row >= 0; row = this.#rows.following(row)) {
      index.add(this.#rows.keyOf(row), row, words, stride)
    }
    this.#bySlot.set(slot, index)
  }

  drop(slot: number): void {
    const index = this.#bySlot.get(slot)
    this.#bySlot.delete(slot)
    index?.clear()
    this.#spare = index
  }
}
