import type { Row, RowView, Table } from '../aggregates/table.ts'

type AnyTable = Table<Readonly<Record<string, never>>>
type AnyRow = Row<Readonly<Record<string, never>>>

/** A table of a window, which does not change while it is judged: rows are made once, however often they are asked for. */
export class WindowTable implements AnyTable {
  readonly #table: AnyTable
  #rows: readonly AnyRow[] | undefined
  #view: RowView<Readonly<Record<string, never>>> | undefined

  constructor(table: AnyTable) {
    this.#table = table
  }

  static isTable(cell: unknown): cell is AnyTable {
    return typeof (cell as Partial<AnyTable>).rows === 'function'
  }

  /** The window moved. */
  forget(): void {
    this.#rows = undefined
    this.#view = undefined
  }

  add(): never {
    throw new TypeError('a window is only read')
  }

  rows(): readonly AnyRow[] {
    this.#rows ??= this.#table.rows()
    return this.#rows
  }

  view(): RowView<Readonly<Record<string, never>>> {
    this.#view ??= this.#table.view()
    return this.#view
  }

  row(key: string): AnyRow | undefined {
    return this.#table.row(key)
  }

  rowOf(keyNumber: number): AnyRow | undefined {
    return this.#table.rowOf(keyNumber)
  }

  get distinct(): number {
    return this.#table.distinct
  }

  get complete(): boolean {
    return this.#table.complete
  }
}
