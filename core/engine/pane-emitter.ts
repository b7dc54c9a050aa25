import type { Shape } from '../aggregates/aggregate.ts'
import type { CellView } from '../aggregates/cell-arena.ts'
import type { Emitted } from '../detector/detector.ts'
import { canonicalId } from '../entity/canonical-id.ts'
import type { EntityKind } from '../entity/entity.ts'
import { noHints } from '../event/event-record.ts'
import type { EntityTable } from './entity-table.ts'
import type { Layout } from './layout.ts'
import { Sameness } from './sameness.ts'

/** Finds the cells that an event is added to: those of the entity that a detector names, in the pane of the event's time. */
export class PaneEmitter {
  readonly sameness = new Sameness()
  /** Panes that the current event touched, where that is asked for; whoever reads them empties the list. */
  readonly touched: number[] = []
  readonly #table: EntityTable
  readonly #paneMs: number
  readonly #notesTouched: boolean
  readonly #pane: CellView<Shape>
  readonly #memory: CellView<Shape>
  readonly #cells: Emitted<Shape, Shape>
  #time = 0
  #index = 0
  #hints = noHints

  constructor(table: EntityTable, { paneMs }: Layout, notesTouched: boolean) {
    this.#table = table
    this.#paneMs = paneMs
    this.#notesTouched = notesTouched
    this.#pane = table.panes.arena.view()
    this.#memory = table.slices.arena.view()
    this.#cells = { ...this.#pane.cells, ...this.#memory.cells }
  }

  /** Moves to an event: its time, epoch milliseconds, and the hints that its decoder gave, see `EventRecord.hints`. */
  move(time: number, hints: Int32Array): void {
    this.#time = time
    this.#hints = hints
    this.#index = Math.floor(time / this.#paneMs)
  }

  /** The `Emit` that a detector's `observe` is given. */
  readonly emit = (
    kind: EntityKind,
    text: string | undefined,
    sameness?: string,
  ): Emitted<Shape, Shape> | undefined => {
    if (text === undefined) return undefined
    const table = this.#table
    const entity = table.index.find(kind, text, this.#hints) ?? this.#open(kind, text)
    if (entity === undefined) return undefined
    if (sameness === undefined) this.sameness.vary(entity)
    else this.sameness.note(entity, sameness)
    const { panes } = table
    const pane = table.paneOf(entity, this.#index)
    const time = this.#time
    panes.count(pane, time)
    table.events[entity] = (table.events[entity] as number) + 1
    if (this.#notesTouched) this.touched.push(pane)
    const { place } = this.#pane
    place.slot = pane
    place.time = time
    place.before = panes.older(pane)
    this.#memory.place.slot = table.memoryOf(pane)
    this.#memory.place.time = time
    return this.#cells
  }

  #open(kind: EntityKind, text: string): number | undefined {
    const id = canonicalId(kind, text)
    if (id === undefined) return undefined
    const entity = this.#table.open(kind, id)
    if (entity !== undefined) this.sameness.forget(entity)
    return entity
  }
}
