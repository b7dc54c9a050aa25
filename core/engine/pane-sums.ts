import type { Shape } from '../aggregates/aggregate.ts'
import type { CellArena } from '../aggregates/cell-arena.ts'
import { grown } from '../aggregates/grown.ts'

/** Sizes of chosen cells, summed over the sealed panes of each entity: a window is dismissed by a look at one number. */
export class PaneSums {
  readonly #arena: CellArena<Shape>
  /** Chosen cells, by their place in the pane's shape, and the sums of each by entity. */
  readonly #cells: readonly number[]
  readonly #sums: Uint32Array[]

  constructor(arena: CellArena<Shape>, names: readonly string[] = []) {
    this.#arena = arena
    this.#cells = names.map((name) => arena.names.indexOf(name))
    this.#sums = names.map(() => new Uint32Array(0))
  }

  get bytes(): number {
    return this.#sums.reduce((bytes, sums) => bytes + sums.byteLength, 0)
  }

  /** Makes entities below `entities` usable. */
  reserve(entities: number): void {
    for (let place = 0; place < this.#sums.length; place++)
      this.#sums[place] = grown(this.#sums[place] as Uint32Array, entities)
  }

  /** The sum of a cell, −1 for one that was not chosen. */
  of(cell: number, entity: number): number {
    const place = this.#cells.indexOf(cell)
    return place < 0 ? -1 : (this.#sums[place]?.[entity] as number)
  }

  /** A pane was sealed, and does not change any more. */
  add(entity: number, pane: number): void {
    this.#change(entity, pane, 1)
  }

  /** A sealed pane is given back. */
  subtract(entity: number, pane: number): void {
    this.#change(entity, pane, -1)
  }

  #change(entity: number, pane: number, sign: number): void {
    for (let place = 0; place < this.#cells.length; place++) {
      const sums = this.#sums[place] as Uint32Array
      const size = this.#arena.size(this.#cells[place] as number, pane)
      sums[entity] = (sums[entity] as number) + sign * size
    }
  }
}
