import { grown } from './grown.ts'
import type { Join } from './table.ts'

/** Values by column name. */
export type Added = Readonly<Record<string, number | undefined>>

/** Rows by number, each with a key and one value a column; those of one cell are linked. `NaN` stands for absent. */
export class TableRows {
  readonly names: readonly string[]
  readonly #joins: readonly Join[]
  /** Columns that are given, by number, and those of the event's time. */
  readonly #given: readonly number[]
  readonly #first: readonly number[]
  readonly #last: readonly number[]
  readonly keys: string[] = []
  /** Keyed hash of each key plus one, 0 until somebody asks; empty while nobody asked for any. */
  #hashes = new Float64Array(0)
  /** Next row of the cell plus one; 0 ends the list. Free rows are linked the same way. */
  next = new Int32Array(0)
  #values = new Float64Array(0)
  #free = 0

  constructor(columns: Readonly<Record<string, Join>>) {
    this.names = Object.keys(columns)
    this.#joins = Object.values(columns)
    const numbers = (wanted: (join: Join) => boolean) =>
      this.#joins.flatMap((join, column) => (wanted(join) ? [column] : []))
    this.#given = numbers((join) => join !== 'first' && join !== 'last')
    this.#first = numbers((join) => join === 'first')
    this.#last = numbers((join) => join === 'last')
  }

  get bytes(): number {
    return this.#hashes.byteLength + this.next.byteLength + this.#values.byteLength + this.keys.length * 8
  }

  /** Keyed hash of a row's key; −1 while nobody asked. */
  hash(row: number): number {
    return (this.#hashes[row] ?? 0) - 1
  }

  setHash(row: number, hash: number): void {
    if (row >= this.#hashes.length) this.#hashes = grown(this.#hashes, this.next.length)
    this.#hashes[row] = hash + 1
  }

  /** A row without values, in front of `next`; `hash` is −1 while nobody asked for it. */
  open(key: string, hash: number, next: number): number {
    let row = this.#free - 1
    if (row >= 0) {
      this.#free = this.next[row] ?? 0
      this.keys[row] = key
    } else {
      row = this.keys.length
      this.keys.push(key)
      if (row >= this.next.length) this.#grow(row + 1)
    }
    if (row < this.#hashes.length) this.#hashes[row] = hash + 1
    else if (hash >= 0) this.setHash(row, hash)
    this.next[row] = next
    const width = this.names.length
    for (let at = row * width, end = at + width; at < end; at++) this.#values[at] = Number.NaN
    return row
  }

  /** Gives a row back; its place in the list of its cell must be gone. */
  free(row: number): void {
    this.keys[row] = ''
    this.next[row] = this.#free
    this.#free = row + 1
  }

  /** Joins named values and the time of their event to a row. */
  add(row: number, values: Added | undefined, time: number): void {
    for (const column of this.#first) this.#joinOne(row, column, time)
    for (const column of this.#last) this.#joinOne(row, column, time)
    if (values === undefined) return
    for (const column of this.#given) {
      const value = values[this.names[column] as string]
      if (value !== undefined) this.#joinOne(row, column, value)
    }
  }

  /** Gives a column of a row a value. */
  set(row: number, column: number, value: number): void {
    this.#values[row * this.names.length + column] = value
  }

  /** Joins all values of a row of `from`, which has the same columns. */
  joinRow(row: number, from: TableRows, source: number): void {
    const width = this.names.length
    for (let column = 0; column < width; column++) {
      const value = from.#values[source * width + column] as number
      if (!Number.isNaN(value)) this.#joinOne(row, column, value)
    }
  }

  /** Value of a column, `undefined` when nothing was added to it. */
  value(row: number, column: number): number | undefined {
    const value = this.#values[row * this.names.length + column] as number
    return Number.isNaN(value) ? undefined : value
  }

  /** The row as an object: its key and the columns that have a value. */
  object(row: number): { readonly key: string } & Readonly<Record<string, number | string>> {
    const made: { key: string } & Record<string, number | string> = { key: this.keys[row] ?? '' }
    const { names } = this
    for (let column = 0; column < names.length; column++) {
      const value = this.value(row, column)
      if (value !== undefined) made[names[column] as string] = value
    }
    return made
  }

  #joinOne(row: number, column: number, value: number): void {
    const at = row * this.names.length + column
    const old = this.#values[at] as number
    if (Number.isNaN(old)) this.#values[at] = value
    else {
      const join = this.#joins[column]
      if (join === 'sum') this.#values[at] = old + value
      else if (join === 'bits') this.#values[at] = old | value
      else if (join === 'min' || join === 'first' ? value < old : value > old) this.#values[at] = value
    }
  }

  #grow(rows: number): void {
    this.next = grown(this.next, rows)
    this.#values = grown(this.#values, this.next.length * this.names.length)
  }
}
