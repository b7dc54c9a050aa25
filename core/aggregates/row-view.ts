import type { Columns, RowView } from './table.ts'
import type { TableRows } from './table-rows.ts'

/** Rows by place, in the order of their hashes, read column by column. */
export class TableRowView implements RowView<Columns> {
  readonly #rows: TableRows
  readonly #sorted: Int32Array
  readonly #columns = new Map<string, Float64Array>()

  constructor(rows: TableRows, sorted: Int32Array) {
    this.#rows = rows
    this.#sorted = sorted
  }

  get count(): number {
    return this.#sorted.length
  }

  key(place: number): string {
    return this.#rows.keys.texts[this.keyNumber(place)] as string
  }

  keyNumber(place: number): number {
    return this.#rows.keyOf(this.#sorted[place] as number)
  }

  made<T>(place: number, make: (key: string) => T): T {
    return this.#rows.keys.made(this.keyNumber(place), make)
  }

  column(name: string): Float64Array {
    let values = this.#columns.get(name)
    if (!values) {
      values = this.#rows.column(this.#sorted, this.#rows.names.indexOf(name))
      this.#columns.set(name, values)
    }
    return values
  }
}
