import type { Cells, Shape } from '../aggregates/aggregate.ts'
import type { CellArena, CellView } from '../aggregates/cell-arena.ts'

/** Cells that are merged one by one when first read: a cheap one may tell that the others need no look. */
export class MergedCells {
  readonly arena: CellArena<Shape>
  readonly cells: Cells<Shape>
  readonly #merged: boolean[]
  readonly #slot: number
  #isUsed = false
  readonly #alone: CellView<Shape> | undefined
  #isAlone = false

  /** `merge` fills the cell `name` of a slot of `arena`. A window of one pane is read in `source` as it is. */
  constructor(
    arena: CellArena<Shape>,
    merge: (name: number, into: number) => void,
    source?: CellArena<Shape>,
  ) {
    this.arena = arena
    this.#alone = source?.view()
    this.#slot = arena.open()
    this.#merged = arena.names.map(() => false)
    const own = arena.view(this.#slot).cells
    const cells: Record<string, unknown> = {}
    for (const [index, name] of arena.names.entries()) {
      Object.defineProperty(cells, name, {
        enumerable: true,
        get: () => {
          if (this.#isAlone) return this.#alone?.cells[name]
          if (!this.#merged[index]) {
            this.#merged[index] = true
            this.#isUsed = true
            merge(index, this.#slot)
          }
          return own[name]
        },
      })
    }
    this.cells = cells as Cells<Shape>
  }

  /** Forgets the last window; `alone` is the slot of the only pane of the next one. */
  reset(alone?: number): void {
    if (this.#isUsed) {
      this.arena.clear(this.#slot)
      this.#merged.fill(false)
      this.#isUsed = false
    }
    this.#isAlone = alone !== undefined
    if (this.#alone && alone !== undefined) this.#alone.place.slot = alone
  }
}
