import type { Cells, Shape } from '../aggregates/aggregate.ts'
import { CellArena } from '../aggregates/cell-arena.ts'
import type { Detector, Window } from '../detector/detector.ts'
import type { Entity } from '../entity/entity.ts'
import type { KeyedHash } from '../hash/keyed-hash.ts'
import type { EntityTable } from './entity-table.ts'
import type { Layout } from './layout.ts'
import { MergedCells } from './merged-cells.ts'

/** What the windows of one detector have in common. */
export interface WindowFrame {
  readonly detector: Detector
  readonly layout: Layout
  readonly table: EntityTable
  readonly hash: KeyedHash
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
  /** Slots of the panes, newest first; `undefined` until somebody looks. */
  #panes: readonly number[] | undefined
  /** Newest pane in the window. */
  #newest = 0
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
      total: new MergedCells(new CellArena(detector.pane, hash, table.keys), merge, table.panes.arena),
      memory: new MergedCells(new CellArena(detector.memory, hash, table.keys), remember),
    }
    this.total = this.#merged.total.cells
    this.memory = this.#merged.memory.cells
  }

  /** Moves to the window of an entity that ends with pane `index`; false when it has no pane in it. */
  move(entity: number, index: number): boolean {
    const { layout, table } = this.#frame
    const { panes } = table
    this.#number = entity
    this.#entity = undefined
    this.#panes = undefined
    if (this.#made.size > 0) this.#made.clear()
    this.end = (index + 1) * layout.paneMs
    let newest = panes.newest(entity)
    while (newest >= 0 && panes.indexOf(newest) > index) newest = panes.older(newest)
    this.#newest = newest
    const older = newest < 0 ? -1 : panes.older(newest)
    // One pane is its own total.
    const isAlone = newest >= 0 && !this.#isInside(older)
    this.#merged.total.reset(isAlone ? newest : undefined)
    this.#merged.memory.reset()
    return this.#isInside(newest)
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
    const { arena } = this.#frame.table.panes
    return this.#slots()
      .map((pane) => ({ start: this.#startOf(pane), cells: arena.view(pane).cells }))
      .reverse()
  }

  get slices(): readonly { readonly start: number; readonly cells: Cells<Shape> }[] {
    const { layout, table } = this.#frame
    const { slices } = table
    const since = (this.end - layout.retentionMs) / layout.memoryPaneMs - 1
    const found: { readonly start: number; readonly cells: Cells<Shape> }[] = []
    for (let slice = slices.newest(this.#number); slice >= 0; slice = slices.older(slice)) {
      const index = slices.indexOf(slice)
      if (index > since)
        found.push({ start: index * layout.memoryPaneMs, cells: slices.arena.view(slice).cells })
    }
    return found.reverse()
  }

  once<T>(work: (window: Window<Shape, Shape>) => T): T {
    const made = this.#made.get(work)
    if (made !== undefined || this.#made.has(work)) return made as T
    const fresh = work(this)
    this.#made.set(work, fresh)
    return fresh
  }

  get lastPane(): number {
    return this.#startOf(this.#newest)
  }

  get paneBefore(): number | undefined {
    const older = this.#frame.table.panes.older(this.#newest)
    return this.#isInside(older) ? this.#startOf(older) : undefined
  }

  size(name: string): number {
    const { panes } = this.#frame.table
    const cell = panes.arena.names.indexOf(name)
    let size = 0
    if (cell < 0) return size
    for (let pane = this.#newest; this.#isInside(pane); pane = panes.older(pane))
      size += panes.arena.size(cell, pane)
    return size
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
    for (let pane = this.#newest; pane >= 0; pane = panes.older(pane)) {
      const own = table.unsettledOf(pane)
      if (from >= 0) size += panes.arena.size(from, pane)
      else if (own >= 0) size += slices.arena.size(cell, own)
    }
    return size
  }

  #slots(): readonly number[] {
    if (this.#panes) return this.#panes
    const { panes } = this.#frame.table
    const slots: number[] = []
    for (let pane = this.#newest; this.#isInside(pane); pane = panes.older(pane)) slots.push(pane)
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
    for (let pane = this.#newest; pane >= 0 && table.sliceOf(pane) > since; pane = panes.older(pane)) {
      const own = table.unsettledOf(pane)
      if (fold) table.fold(fold, arena, into, pane)
      else if (own >= 0) arena.mergeOne(name, into, slices.arena, name, own)
    }
  }
}
