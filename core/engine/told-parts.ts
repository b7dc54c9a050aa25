import type { Shape } from '../aggregates/aggregate.ts'
import type { EntityIndex } from './entity-index.ts'
import { EntityPacker } from './entity-pack.ts'
import { type Part, PartPrefixes } from './part-name.ts'
import type { TimedCells } from './timed-cells.ts'

/** Names panes, or slices, of entities for the store, and collects which of those that it has are gone. */
export class ToldParts {
  readonly part: Part
  readonly cells: TimedCells<Shape>
  readonly #index: EntityIndex
  readonly #prefixes: PartPrefixes
  /** Has what is gone since the last cut. */
  #packer = new EntityPacker()
  #before = this.#packer

  constructor(part: Part, cells: TimedCells<Shape>, index: EntityIndex) {
    this.part = part
    this.cells = cells
    this.#index = index
    this.#prefixes = new PartPrefixes(part)
  }

  /** The slot is released next. */
  released(slot: number): void {
    if (this.cells.changes.released(slot)) this.#packer.gone(this.#prefixOf(slot), this.#idOf(slot))
  }

  /** A part is gone that the store may have, by its `partKey`. */
  gone(key: string): void {
    this.#packer.gone(key, '')
  }

  /** Begins the record of a slot. */
  begin(packer: EntityPacker, slot: number): void {
    packer.begin(this.#prefixOf(slot), this.#idOf(slot))
  }

  /** What is gone up to here, for the records of what changed to follow. */
  cut(): EntityPacker {
    const packer = this.#packer
    // About as much comes with each cut.
    this.#packer = new EntityPacker(Math.max(256, Math.ceil(this.#before.bytes * 1.25)))
    this.#before = packer
    return packer
  }

  #prefixOf(slot: number): string {
    const { cells } = this
    return this.#prefixes.of(cells.indexOf(slot), this.#index.kindOf(cells.entityOf(slot)))
  }

  #idOf(slot: number): string {
    return this.#index.idOf(this.cells.entityOf(slot))
  }
}
