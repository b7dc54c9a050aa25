import type { Cells, Shape } from '../aggregates/aggregate.ts'
import { CellArena } from '../aggregates/cell-arena.ts'
import type { Detector, Window } from '../detector/detector.ts'
import type { Entity } from '../entity/entity.ts'
import type { KeyedHash } from '../hash/keyed-hash.ts'
import type { EntityTable } from './entity-table.ts'
import { foldPane } from './fold.ts'
import type { Layout } from './layout.ts'
import { MergedCells } from './merged-cells.ts'
import { SlotViews } from './slot-views.ts'

/** What the windows of one detector have in common. */
export interface WindowFrame {
  readonly detector: Detector
  readonly layout: Layout
  readonly table: EntityTable
  readonly hash: KeyedHash
  /** Nothing is dismissed by a bound: the bounds say nothing. For the test that this changes nothing. */
  readonly isBoundless: boolean
}

/**
 * The window that `judge` sees, one at a time: it moves from entity to entity, and merges when first asked, because
 * most windows are dismissed by a look at one cell.
 */
export class WindowView implements Window<Shape, Shape> {
  readonly total: Cells<Shape>
  readonly memory: Cells<Shape>
  end = 0
  readonly #frame: WindowFrame
  readonly #merged: { readonly total: MergedCells; readonly memory: MergedCells }
  readonly #views: { readonly panes: SlotViews; readonly slices: SlotViews }
  /** Slots of the panes, newest first; `undefined` until somebody looks. */
  #panes: readonly number[] | undefined
  /** Index of the window's last pane. */
  #index = 0
  /** The last pane is about to be sealed, all others of the window are. */
  #isSealing = false
  /** Slot of the newest pane in the window, or −1; `undefined` until somebody looks. */
  #newestSlot: number | undefined
  #number = 0
  #entity: Entity | undefined
  /** What was worked out of the current window, by who did. */
  readonly #made = new Map<unknown, unknown>()

  constructor(frame: WindowFrame) {
    const { detector, table, hash } = frame
    this.#frame = frame
    const merge = (name: number, into: number) => this.#mergePanes(name, into)
    const remember = (name: number, into: number) => this.#mergeMemory(name, into)
    this.#merged = {
      total: new MergedCells(new CellArena(detector.pane, hash, table.keys), merge, table.panes.arena, () =>
        this.#alonePane(),
      ),
      memory: new MergedCells(new CellArena(detector.memory, hash, table.keys), remember),
    }
    this.#views = { panes: new SlotViews(table.panes.arena), slices: new SlotViews(table.slices.arena) }
    this.total = this.#merged.total.cells
    this.memory = this.#merged.memory.cells
  }

  /** Moves to the window of an entity that ends with pane `index`, which `isSealing` or is just looked at. */
  move(entity: number, index: number, isSealing = false): void {
    this.#frame.table.unread.read(entity)
    this.#isSealing = isSealing
    this.#number = entity
    this.#entity = undefined
    this.#panes = undefined
    this.#newestSlot = undefined
    if (this.#made.size > 0) this.#made.clear()
    this.#index = index
    this.end = (index + 1) * this.#frame.layout.paneMs
    this.#merged.total.reset()
    this.#merged.memory.reset()
  }

  get entity(): Entity {
    this.#entity ??= this.#frame.table.index.entity(this.#number)
    return this.#entity
  }

  get start(): number {
    return this.end - this.#frame.layout.windowMs
  }

  get first(): number {
    const { panes } = this.#frame.table
    return this.#slots().reduce(
      (least, pane) => Math.min(least, panes.firstOf(pane)),
      Number.POSITIVE_INFINITY,
    )
  }

  get last(): number {
    const { panes } = this.#frame.table
    return this.#slots().reduce((most, pane) => Math.max(most, panes.lastOf(pane)), Number.NEGATIVE_INFINITY)
  }

  get panes(): readonly { readonly start: number; readonly cells: Cells<Shape> }[] {
    const slots = this.#slots()
    return this.#views.panes.of(slots, (slot) => this.#startOf(slot))
  }

  get slices(): readonly { readonly start: number; readonly cells: Cells<Shape> }[] {
    const { layout, table } = this.#frame
    const { slices } = table
    const since = (this.end - layout.retentionMs) / layout.memoryPaneMs - 1
    const slots: number[] = []
    for (let slice = slices.newest(this.#number); slice >= 0; slice = slices.older(slice)) {
      if (slices.indexOf(slice) > since) slots.push(slice)
    }
    return this.#views.slices.of(slots, (slot) => slices.indexOf(slot) * layout.memoryPaneMs)
  }

  once<T>(work: (window: Window<Shape, Shape>) => T): T {
    const made = this.#made.get(work)
    if (made !== undefined || this.#made.has(work)) return made as T
    const fresh = work(this)
    this.#made.set(work, fresh)
    return fresh
  }

  get lastPane(): number {
    return this.#startOf(this.#newest())
  }

  get paneBefore(): number | undefined {
    const older = this.#frame.table.panes.older(this.#newest())
    return this.#isInside(older) ? this.#startOf(older) : undefined
  }

  size(name: string): number {
    const { panes } = this.#frame.table
    const cell = panes.arena.names.indexOf(name)
    let size = 0
    if (cell < 0) return size
    const sealed = this.#isSealing ? this.#frame.table.sums.of(cell, this.#number) : -1
    if (sealed >= 0) return this.#bound(sealed + panes.arena.size(cell, this.#newest()))
    for (let pane = this.#newest(); this.#isInside(pane); pane = panes.older(pane))
      size += panes.arena.size(cell, pane)
    return this.#bound(size)
  }

  memorySize(name: string): number {
    const { table } = this.#frame
    const { folds, panes, slices } = table
    const cell = slices.arena.names.indexOf(name)
    if (cell < 0) return 0
    let size = 0
    for (let slice = slices.newest(this.#number); slice >= 0; slice = slices.older(slice)) {
      size += slices.arena.size(cell, slice)
    }
    const from = folds.find(({ into }) => into === cell)?.from ?? -1
    for (let pane = this.#newest(); pane >= 0; pane = panes.older(pane)) {
      const own = table.unsettledOf(pane)
      if (from >= 0) size += panes.arena.size(from, pane)
      else if (own >= 0) size += slices.arena.size(cell, own)
    }
    return this.#bound(size)
  }

  get eventsMax(): number {
    const { events, memoryEvents } = this.#frame.table
    return this.#bound((events[this.#number] as number) - (memoryEvents[this.#number] as number))
  }

  get eventsEverMax(): number {
    return this.#bound(this.#frame.table.events[this.#number] as number)
  }

  /** What a bound says: nothing, but for zero, where nothing is dismissed by it. */
  #bound(size: number): number {
    return this.#frame.isBoundless && size > 0 ? Number.POSITIVE_INFINITY : size
  }

  #newest(): number {
    if (this.#newestSlot === undefined) {
      const { panes } = this.#frame.table
      let newest = panes.newest(this.#number)
      while (newest >= 0 && panes.indexOf(newest) > this.#index) newest = panes.older(newest)
      this.#newestSlot = newest
    }
    return this.#newestSlot
  }

  /** The window's only pane, which is its own total, or −1. */
  #alonePane(): number {
    const newest = this.#newest()
    return newest >= 0 && !this.#isInside(this.#frame.table.panes.older(newest)) ? newest : -1
  }

  #slots(): readonly number[] {
    if (this.#panes) return this.#panes
    const { panes } = this.#frame.table
    const slots: number[] = []
    for (let pane = this.#newest(); this.#isInside(pane); pane = panes.older(pane)) slots.push(pane)
    this.#panes = slots
    return slots
  }

  #isInside(pane: number): boolean {
    return pane >= 0 && this.#startOf(pane) >= this.start
  }

  #startOf(pane: number): number {
    return this.#frame.table.panes.indexOf(pane) * this.#frame.layout.paneMs
  }

  #mergePanes(name: number, into: number): void {
    const { arena } = this.#frame.table.panes
    for (const pane of this.#slots()) this.#merged.total.arena.mergeOne(name, into, arena, name, pane)
  }

  /** Slices within the retention, and panes that are not folded into slices yet. */
  #mergeMemory(name: number, into: number): void {
    const { layout, table } = this.#frame
    const { arena } = this.#merged.memory
    const { panes, slices, folds } = table
    const since = (this.end - layout.retentionMs) / layout.memoryPaneMs - 1
    for (let slice = slices.newest(this.#number); slice >= 0; slice = slices.older(slice)) {
      if (slices.indexOf(slice) > since) arena.mergeOne(name, into, slices.arena, name, slice)
    }
    const fold = folds.find((one) => one.into === name)
    for (let pane = this.#newest(); pane >= 0 && table.sliceOf(pane) > since; pane = panes.older(pane)) {
      const own = table.unsettledOf(pane)
      if (fold) foldPane(table, fold, arena, into, pane)
      else if (own >= 0) arena.mergeOne(name, into, slices.arena, name, own)
    }
  }
}
