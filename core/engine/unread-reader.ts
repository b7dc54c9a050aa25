import { readPaneCells } from './entity-codec.ts'
import type { EntityTable } from './entity-table.ts'
import { type Steps, slotsPerStep } from './steps.ts'

/** Entities that are read at a start: what can't be read is told then, and not by a run that ends later. */
const atStartMax = 100
/** Entities that are looked at behind each seal: a million within 50 of them, at some 40 ms of work each. */
const onwardMax = 20_000

/** Reads the cells of entities that a restart left unread. */
export class UnreadReader {
  readonly #table: EntityTable
  readonly #detector: string
  /** Entities below it are read. */
  #next = 0
  #failure: RangeError | undefined

  /** `detector` is named in what is thrown. */
  constructor(table: EntityTable, detector: string) {
    this.#table = table
    this.#detector = detector
  }

  /**
   * Called before anybody looks at the cells of an entity, or adds to them. Reads those of all its parts, so that a look at the newest
   * tells whether any are unread. Throws `RangeError` for a torn record, and from then on always: the entity is half read.
   */
  read(entity: number): void {
    if (this.#failure) throw this.#failure
    const { panes, slices } = this.#table
    if (panes.unread.isEmpty && slices.unread.isEmpty) return
    const pane = panes.newest(entity)
    if (pane >= 0 ? panes.unread.has(pane) : slices.unread.has(slices.newest(entity))) this.#readAll(entity)
  }

  /** Reads a few of those that were restored. */
  readSome(entities: readonly number[]): void {
    for (const entity of entities.slice(0, atStartMax)) this.read(entity)
  }

  /** Reads on. A pack stays in memory as a whole for as long as anything in it is unread, and what lives long may never be met. */
  *readOn(): Steps {
    const { index, panes, slices } = this.#table
    for (let left = onwardMax; left > 0 && this.#next < index.capacity; left--) {
      if (panes.unread.isEmpty && slices.unread.isEmpty) return
      this.read(this.#next++)
      if (left % slotsPerStep === 0) yield
    }
  }

  #readAll(entity: number): void {
    try {
      this.#readParts(entity)
    } catch (error) {
      const what = `${this.#detector}: stored state of ${this.#table.index.key(entity)} can't be read`
      const why = error instanceof Error ? error.message : String(error)
      this.#failure = new RangeError(`${what}: ${why}`, { cause: error })
      throw this.#failure
    }
  }

  #readParts(entity: number): void {
    const table = this.#table
    const { panes, slices, sums } = table
    const sealed = table.sealed[entity] as number
    for (let pane = panes.newest(entity); pane >= 0; pane = panes.older(pane)) {
      const from = panes.unread.take(pane)
      if (from) readPaneCells(table, pane, from)
      if (panes.indexOf(pane) <= sealed) sums.add(entity, pane)
    }
    for (let slice = slices.newest(entity); slice >= 0; slice = slices.older(slice)) {
      const from = slices.unread.take(slice)
      if (from) slices.arena.decode(slice, from)
    }
  }
}
