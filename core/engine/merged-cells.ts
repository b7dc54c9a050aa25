import type { Cells, Shape } from '../aggregates/aggregate.ts'
import type { CellArena, CellView } from '../aggregates/cell-arena.ts'
import { WindowTable } from './window-table.ts'

/** Cells that are merged one by one when first read: a cheap one may tell that the others need no look. */
export class MergedCells {
  readonly arena: CellArena<Shape>
  readonly cells: Cells<Shape>
  readonly #merged: boolean[]
  readonly #slot: number
  #isUsed = false
  readonly #alone: CellView<Shape> | undefined
  readonly #aloneSlot: () => number
  #isAlone = false
  readonly #tables: WindowTable[] = []

  /**
   * `merge` fills the cell `name` of a slot of `arena`. A window whose one slot in `source`, told by `aloneSlot`, is all of
   * it is read there as it is; −1 for other windows.
   */
  constructor(
    arena: CellArena<Shape>,
    merge: (name: number, into: number) => void,
    source?: CellArena<Shape>,
    aloneSlot = () => -1,
  ) {
    this.arena = arena
    this.#alone = source && this.#withRows(source.view())
    this.#aloneSlot = aloneSlot
    this.#slot = arena.open()
    this.#merged = arena.names.map(() => false)
    const own = this.#withRows(arena.view(this.#slot)).cells
    const cells: Record<string, unknown> = {}
    for (const [index, name] of arena.names.entries()) {
      Object.defineProperty(cells, name, {
        enumerable: true,
        get: () => {
          if (!this.#isUsed) this.#begin()
          if (this.#isAlone) return this.#alone?.cells[name]
          if (!this.#merged[index]) {
            this.#merged[index] = true
            merge(index, this.#slot)
          }
          return own[name]
        },
      })
    }
    this.cells = cells as Cells<Shape>
  }

  /** Forgets the last window. */
  reset(): void {
    if (!this.#isUsed) return
    if (!this.#isAlone) this.arena.clear(this.#slot)
    this.#merged.fill(false)
    for (const table of this.#tables) table.forget()
    this.#isUsed = false
  }

  /** Somebody looks at the window: most are dismissed before. */
  #begin(): void {
    const slot = this.#alone ? this.#aloneSlot() : -1
    this.#isUsed = true
    this.#isAlone = slot >= 0
    if (this.#alone && slot >= 0) this.#alone.place.slot = slot
  }

  /** The same view, whose tables make their rows once for each window. */
  #withRows({ place, cells }: CellView<Shape>): CellView<Shape> {
    const remembered = Object.entries(cells).map(([name, cell]) => {
      if (!WindowTable.isTable(cell)) return [name, cell] as const
      const table = new WindowTable(cell)
      this.#tables.push(table)
      return [name, table] as const
    })
    return { place, cells: Object.fromEntries(remembered) as Cells<Shape> }
  }
}
