import type { Shape } from '../aggregates/aggregate.ts'
import type { Detector } from '../detector/detector.ts'
import type { EntityIndex } from './entity-index.ts'
import { EntityPacker } from './entity-pack.ts'
import { type Part, PartPrefixes } from './part-name.ts'
import type { TimedCells } from './timed-cells.ts'

/** Names the parts of a table's entities for the store, and collects which of those that it has are gone. */
export class ToldParts {
  readonly #detector: Detector
  readonly #index: EntityIndex
  readonly #prefixes = new PartPrefixes()
  /** Has what is gone since the last cut. */
  #packer = new EntityPacker()
  #before = this.#packer

  constructor(detector: Detector, index: EntityIndex) {
    this.#detector = detector
    this.#index = index
    this.#packer.of(detector)
  }

  /** A part is gone that the store has. */
  gone(part: Part, cells: TimedCells<Shape>, slot: number): void {
    const entity = cells.entityOf(slot)
    this.#packer.gone(this.#prefixOf(part, cells, slot, entity), this.#index.idOf(entity))
  }

  /** The same, by its `partKey`. */
  goneAs(key: string): void {
    this.#packer.gone(key, '')
  }

  /** Begins the record of a part. */
  begin(packer: EntityPacker, part: Part, cells: TimedCells<Shape>, slot: number): void {
    const entity = cells.entityOf(slot)
    packer.begin(this.#prefixOf(part, cells, slot, entity), this.#index.idOf(entity))
  }

  /** What is gone up to here, for the records of what changed to follow. */
  cut(): EntityPacker {
    const packer = this.#packer
    // About as much comes with each cut.
    this.#packer = new EntityPacker(Math.max(256, Math.ceil(this.#before.bytes * 1.25)))
    this.#packer.of(this.#detector)
    this.#before = packer
    return packer
  }

  #prefixOf(part: Part, cells: TimedCells<Shape>, slot: number, entity: number): string {
    return this.#prefixes.of(part, cells.indexOf(slot), this.#index.kindOf(entity))
  }
}
