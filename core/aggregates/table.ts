import type { Aggregate, Column, Place } from './aggregate.ts'
import { TableColumn } from './table-column.ts'

/**
 * How a column joins two values: all are commutative and associative. `bits` joins integers below 2^31 by OR; `first` and
 * `last` are the least and greatest time of the events that added to the row, and are not given.
 */
export type Join = 'sum' | 'min' | 'max' | 'bits' | 'first' | 'last'
export type Columns = Readonly<Record<string, Join>>

/** What is added to a row. */
export type Values<C extends Columns> = {
  readonly [Name in keyof C as C[Name] extends 'first' | 'last' ? never : Name]?: number | undefined
}

/** A key with its columns; a column is absent until something was added to it. */
export type Row<C extends Columns> = { readonly key: string } & { readonly [Name in keyof C]?: number }

/**
 * The rows of a table by place, in the order of their hashes, without an object for each: what reads all rows of every
 * window reads them so. Dead when the window moves.
 */
export interface RowView<C extends Columns> {
  readonly count: number
  /** Key of the row at a place. */
  key(place: number): string
  /** Number of the key, which is the same in all tables of a window. */
  keyNumber(place: number): number
  /** What `make` makes of the key, made once for as long as some row has it; `make` is told apart by identity. */
  made<T>(place: number, make: (key: string) => T): T
  /** Values of a column by place, `NaN` where nothing was added. */
  column(name: keyof C & string): Float64Array
}

/** Facts by key, for at most `rowsMax` keys: those with the smallest keyed hashes, a fair sample of all. */
export interface Table<C extends Columns> {
  add(key: string, values?: Values<C>): void
  /** Rows in the order of their hashes, which is random but the same for the same set. */
  rows(): readonly Row<C>[]
  /** The same rows, column by column. */
  view(): RowView<C>
  /** The row of one key, if it was kept. */
  row(key: string): Row<C> | undefined
  /** The same by the number of a key, as a `RowView` of the same window tells it. */
  rowOf(keyNumber: number): Row<C> | undefined
  /** Number of different keys ever added: exact while all are kept, else estimated from the sample. */
  readonly distinct: number
  /** False when keys were left out and the rows are a sample. */
  readonly complete: boolean
}

class TableCursor<C extends Columns> implements Table<C> {
  readonly #column: TableColumn
  readonly #place: Place

  constructor(column: TableColumn, place: Place) {
    this.#column = column
    this.#place = place
  }

  add(key: string, values?: Readonly<Record<string, number | undefined>>): void {
    this.#column.add(this.#place, key, values)
  }

  rows(): readonly Row<C>[] {
    return this.#column.rows(this.#place.slot) as readonly Row<C>[]
  }

  view(): RowView<C> {
    return this.#column.view(this.#place.slot) as RowView<C>
  }

  row(key: string): Row<C> | undefined {
    return this.#column.row(this.#place.slot, key) as Row<C> | undefined
  }

  rowOf(keyNumber: number): Row<C> | undefined {
    return this.#column.rowOf(this.#place.slot, keyNumber) as Row<C> | undefined
  }

  get distinct(): number {
    return this.#column.distinct(this.#place.slot)
  }

  get complete(): boolean {
    return this.#column.isComplete(this.#place.slot)
  }
}

/** Above it a table would be no sample. */
const rowsMaxMax = 32_767
/** So many have a bit each in a positive 32-bit integer. */
const columnsMax = 31

/**
 * Facts by key with the given columns, for a sample of at most `rowsMax` keys. A row takes 8 bytes, and 4 a column, 8 for
 * times; a key 30 bytes and its text, however many rows of a detector have it. Throws `RangeError` above 32,767 rows or 31 columns.
 */
export function table<const C extends Columns>(rowsMax: number, columns: C): Aggregate<Table<C>> {
  if (rowsMax > rowsMaxMax) throw new RangeError(`a table has at most ${rowsMaxMax} rows, not ${rowsMax}`)
  const { length } = Object.keys(columns)
  if (length > columnsMax) throw new RangeError(`a table has at most ${columnsMax} columns, not ${length}`)
  const cursor = (column: TableColumn, place: Place) => new TableCursor<C>(column, place)
  return {
    kind: `table(${rowsMax},${JSON.stringify(columns)})`,
    words: 2,
    column: (keys, at) =>
      new TableColumn({ rowsMax, columns, keys, at, cursor }) as unknown as Column<Table<C>>,
  }
}
