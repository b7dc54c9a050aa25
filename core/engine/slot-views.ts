import type { Cells, Shape } from '../aggregates/aggregate.ts'
import type { CellArena, CellView } from '../aggregates/cell-arena.ts'

/** Views of several slots at a time; they are used again, so those of one call are dead after the next. */
export class SlotViews {
  readonly #arena: CellArena<Shape>
  readonly #views: CellView<Shape>[] = []

  constructor(arena: CellArena<Shape>) {
    this.#arena = arena
  }

  /** The cells of some slots, which come newest first, oldest first. */
  of(
    slots: readonly number[],
    startOf: (slot: number) => number,
  ): readonly { readonly start: number; readonly cells: Cells<Shape> }[] {
    while (this.#views.length < slots.length) this.#views.push(this.#arena.view())
    const last = slots.length - 1
    return slots.map((_newest, at) => {
      const slot = slots[last - at] as number
      const { place, cells } = this.#views[at] as CellView<Shape>
      place.slot = slot
      return { start: startOf(slot), cells }
    })
  }
}
