import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { roomBeyond } from './grown.ts'
import type { Keys } from './keys.ts'
import { type AddToRow, allJoined, isTime, joinOf, rowAdder } from './row-adder.ts'
import { absent, isNarrow, moveRecord, RowLayout } from './row-layout.ts'
import { type MakeRow, rowMaker } from './row-object.ts'
import type { Columns, Join } from './table.ts'

/** Values by column name. */
export type Added = Readonly<Record<string, number | undefined>>

/** Rows by number, each with a key and one value a column; those of one cell are linked. */
export class TableRows {
  readonly names: readonly string[]
  readonly keys: Keys
  readonly #columns: Columns
  readonly #joins: readonly Join[]
  /** Columns by number in the order in which an event is joined: those of its time, then what is given. */
  readonly #order: readonly number[]
  #addTo: AddToRow
  readonly #makers = new Map<number, MakeRow>()
  readonly #values: Float64Array
  #layout: RowLayout
  /** The records, as words and as floats. Word 0 links the next row of the cell, or free row, plus one; word 1 is the key. */
  words = new Int32Array(0)
  #floats = new Float64Array(0)
  #opened = 0
  #free = 0

  constructor(columns: Columns, keys: Keys) {
    this.keys = keys
    this.names = Object.keys(columns)
    this.#columns = columns
    this.#joins = Object.values(columns)
    const numbered = this.#joins.map((join, column) => ({ join, column }))
    const given = numbered.filter((one) => !isTime(one))
    this.#order = [...numbered.filter(isTime), ...given].map(({ column }) => column)
    this.#values = new Float64Array(this.names.length)
    this.#layout = RowLayout.of(columns)
    this.#addTo = rowAdder(columns, this.#layout)
  }

  get bytes(): number {
    return this.words.byteLength
  }

  /** Words of a row. */
  get stride(): number {
    return this.#layout.words
  }

  /** The next row of the same cell, or −1. */
  following(row: number): number {
    return (this.words[row * this.#layout.words] as number) - 1
  }

  /** Number of a row's key. */
  keyOf(row: number): number {
    return this.words[row * this.#layout.words + 1] as number
  }

  /** A row without values, in front of `next`, which holds the key. */
  open(key: number, next: number): number {
    const row = this.#openRecord(key, next)
    const { isWide, places, words } = this.#layout
    for (let column = 0; column < isWide.length; column++) {
      const place = places[column] as number
      if (isWide[column]) this.#floats[(row * words) / 2 + place] = Number.NaN
      else this.words[row * words + place] = absent
    }
    return row
  }

  /** A row like one of `from`. */
  copy(from: TableRows, source: number, key: number, next: number): number {
    this.#fit(from)
    const row = this.#openRecord(key, next)
    const stride = this.#layout.words
    const [words, others] = [this.words, from.words]
    const distance = (source - row) * stride
    for (let at = row * stride + 2, end = (row + 1) * stride; at < end; at++) {
      words[at] = others[at + distance] as number
    }
    return row
  }

  /** Gives a row back; its place in the list of its cell must be gone. */
  free(row: number): void {
    const at = row * this.#layout.words
    this.keys.release(this.words[at + 1] as number)
    this.words[at] = this.#free
    this.#free = row + 1
  }

  /** Joins named values and the time of their event to a row. */
  add(row: number, values: Added | undefined, time: number): void {
    const beyond = this.#addTo(this.words, this.#floats, row * this.#layout.words, values, time)
    if (beyond !== allJoined) this.#addFrom(beyond, row, values, time)
  }

  /** Joins a column whose value needs more room, and those after it. */
  #addFrom(first: number, row: number, values: Added | undefined, time: number): void {
    const order = this.#order
    for (let at = order.indexOf(first); at < order.length; at++) {
      const column = order[at] as number
      const value = isTime({ join: this.#joins[column] as Join })
        ? time
        : values?.[this.names[column] as string]
      if (value !== undefined && !Number.isNaN(value)) this.#join(row, column, value)
    }
  }

  /** Joins all values of a row of `from`, which has the same columns. */
  joinRow(row: number, from: TableRows, source: number): void {
    for (let column = 0; column < this.names.length; column++) {
      const value = from.#read(source, column)
      if (!Number.isNaN(value)) this.#join(row, column, value)
    }
  }

  /** Value of a column, `undefined` when nothing was added to it. */
  value(row: number, column: number): number | undefined {
    const value = this.#read(row, column)
    return Number.isNaN(value) ? undefined : value
  }

  /** The row as an object: its key and the columns that have a value. */
  object(row: number): { readonly key: string } {
    const values = this.#values
    const mask = this.#readAll(row)
    let make = this.#makers.get(mask)
    if (!make) {
      const given = Array.from(values, (value) => !Number.isNaN(value))
      make = rowMaker(this.names, (column) => given[column] as boolean)
      this.#makers.set(mask, make)
    }
    return make(this.keys.texts[this.keyOf(row)] as string, values)
  }

  /** Values of a column, one for each of some rows; `NaN` for absent. */
  column(rows: Int32Array, column: number): Float64Array {
    const values = new Float64Array(rows.length)
    for (let at = 0; at < rows.length; at++) values[at] = this.#read(rows[at] as number, column)
    return values
  }

  /** Writes the key, which columns have a value, and these. */
  encode(row: number, out: ByteWriter): void {
    const values = this.#values
    const mask = this.#readAll(row)
    out.text(this.keys.texts[this.keyOf(row)] as string)
    out.uint(mask)
    for (let column = 0; column < values.length; column++) {
      const value = values[column] as number
      if (!Number.isNaN(value)) out.float(value)
    }
  }

  /** Reads what `encode` wrote behind the key into a row without values. */
  decode(row: number, from: ByteReader): void {
    const mask = from.uint()
    for (let column = 0; column < this.names.length; column++) {
      if (((mask >>> column) & 1) === 1) this.#join(row, column, from.float())
    }
  }

  /** Reads all columns into `#values`; gives a bit for each that has one. */
  #readAll(row: number): number {
    const values = this.#values
    let mask = 0
    for (let column = 0; column < values.length; column++) {
      const value = this.#read(row, column)
      values[column] = value
      if (!Number.isNaN(value)) mask |= 1 << column
    }
    return mask
  }

  /** `NaN` for absent. */
  #read(row: number, column: number): number {
    const { isWide, places, words } = this.#layout
    const place = places[column] as number
    if (isWide[column]) return this.#floats[(row * words) / 2 + place] as number
    const value = this.words[row * words + place] as number
    return value === absent ? Number.NaN : value
  }

  #join(row: number, column: number, value: number): void {
    const old = this.#read(row, column)
    const joined = Number.isNaN(old) ? value : joinOf(this.#joins[column] as Join, old, value)
    if (joined === old) return
    if (!this.#layout.isWide[column] && !isNarrow(joined)) {
      this.#relay(this.#layout.isWide.map((wide, other) => wide || other === column))
    }
    const { isWide, places, words } = this.#layout
    const place = places[column] as number
    if (isWide[column]) this.#floats[(row * words) / 2 + place] = joined
    else this.words[row * words + place] = joined
  }

  /** Gives this and `from` the same layout. */
  #fit(from: TableRows): void {
    if (from.#layout.bits === this.#layout.bits) return
    const isWide = this.#layout.isWide.map((wide, column) => wide || (from.#layout.isWide[column] as boolean))
    this.#relay(isWide)
    from.#relay(isWide)
  }

  /** Moves all rows into another layout. */
  #relay(isWide: readonly boolean[]): void {
    const before = this.#layout
    const [words, floats] = [this.words, this.#floats]
    this.#layout = new RowLayout(isWide)
    this.#addTo = rowAdder(this.#columns, this.#layout)
    this.#allocate(words.length / before.words)
    const [from, to] = [
      { words, floats },
      { words: this.words, floats: this.#floats },
    ]
    for (let row = 0; row < this.#opened; row++) moveRecord(row, before, from, this.#layout, to)
  }

  #openRecord(key: number, next: number): number {
    const stride = this.#layout.words
    let row = this.#free - 1
    if (row >= 0) this.#free = this.words[row * stride] as number
    else {
      row = this.#opened++
      if ((row + 1) * stride > this.words.length) this.#grow(row + 1)
    }
    this.words[row * stride] = next
    this.words[row * stride + 1] = key
    this.keys.hold(key)
    return row
  }

  #grow(rows: number): void {
    const before = this.words
    this.#allocate(roomBeyond(rows))
    this.words.set(before)
  }

  #allocate(rows: number): void {
    this.#floats = new Float64Array((rows * this.#layout.words) / 2)
    this.words = new Int32Array(this.#floats.buffer)
  }
}
