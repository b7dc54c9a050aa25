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
  readonly #sizes: ReadonlyMap<string, SizePlan>
  readonly #memorySizes: ReadonlyMap<string, SizePlan>
  /** Slots of the panes, newest first; `undefined` until somebody looks. */
  #panes: readonly number[] | undefined
  /** Newest pane in the window. */
  #newest = 0
  #number = 0
  #entity: Entity | undefined

  constructor(frame: WindowFrame) {
    const { detector, table, hash } = frame
    this.#frame = frame
    const merge = (name: number, into: number) => this.#mergePanes(name, into)
    const remember = (name: number, into: number) => this.#mergeMemory(name, into)
    this.#merged = {
      total: new MergedCells(new CellArena(detector.pane, hash), merge, table.panes.arena),
      memory: new MergedCells(new CellArena(detector.memory, hash), remember),
    }
    this.total = this.#merged.total.cells
    this.memory = this.#merged.memory.cells
    this.#sizes = sizePlans(table, Object.keys(detector.pane), 'panes')
    this.#memorySizes = sizePlans(table, Object.keys(detector.memory), 'slices')
  }

  /** Moves to the window of an entity that ends with pane `index`; false when it has no pane in it. */
  move(entity: number, index: number): boolean {
    const { layout, table } = this.#frame
    const { panes } = table
    this.#number = entity
    this.#entity = undefined
    this.#panes = undefined
    this.end = (index + 1) * layout.paneMs
    let newest = panes.newest(entity)
    while (newest >= 0 && (panes.index[newest] as number) > index) newest = panes.older(newest)
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
    const { first } = this.#frame.table.panes
    return this.#slots().reduce(
      (least, pane) => Math.min(least, first[pane] as number),
      Number.POSITIVE_INFINITY,
    )
  }

  get last(): number {
    const { last } = this.#frame.table.panes
    return this.#slots().reduce(
      (most, pane) => Math.max(most, last[pane] as number),
      Number.NEGATIVE_INFINITY,
    )
  }

  get panes(): readonly { readonly start: number; readonly cells: Cells<Shape> }[] {
    const { arena } = this.#frame.table.panes
    return this.#slots()
      .map((pane) => ({ start: this.#startOf(pane), cells: arena.view(pane).cells }))
      .reverse()
  }

  get lastPane(): number {
    return this.#startOf(this.#newest)
  }

  get paneBefore(): number | undefined {
    const older = this.#frame.table.panes.older(this.#newest)
    return this.#isInside(older) ? this.#startOf(older) : undefined
  }

  size(name: string): number {
    const { panes, slices } = this.#frame.table
    const plan = this.#sizes.get(name)
    if (!plan) return 0
    let size = 0
    if (plan.slices < 0) {
      for (const pane of this.#slots()) size += panes.arena.size(plan.panes, pane)
      return size
    }
    // Slices that overlap the window are fewer than panes, and what comes again counts once there.
    for (let slice = slices.newest(this.#number); slice >= 0; slice = slices.older(slice)) {
      if (((slices.index[slice] as number) + 1) * this.#frame.layout.memoryPaneMs <= this.start) break
      size += slices.arena.size(plan.slices, slice)
    }
    return size + this.#unsealedSize(plan)
  }

  memorySize(name: string): number {
    const { slices } = this.#frame.table
    const plan = this.#memorySizes.get(name)
    if (!plan) return 0
    let size = 0
    for (let slice = slices.newest(this.#number); slice >= 0; slice = slices.older(slice)) {
      size += slices.arena.size(plan.slices, slice)
    }
    return size + this.#unsealedSize(plan)
  }

  #unsealedSize(plan: SizePlan): number {
    const { table } = this.#frame
    const { panes, slices } = table
    const sealed = table.sealed[this.#number] as number
    let size = 0
    for (
      let pane = this.#newest;
      pane >= 0 && (panes.index[pane] as number) > sealed;
      pane = panes.older(pane)
    ) {
      const own = table.unsettledOf(pane)
      if (plan.panes >= 0) size += panes.arena.size(plan.panes, pane)
      else if (own >= 0) size += slices.arena.size(plan.slices, own)
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
    return (this.#frame.table.panes.index[pane] as number) * this.#frame.layout.paneMs
  }

  #mergePanes(name: number, into: number): void {
    const { arena } = this.#frame.table.panes
    for (const pane of this.#slots()) this.#merged.total.arena.mergeOne(name, into, arena, name, pane)
  }

  /** Slices within the retention, and what panes that are not sealed yet hold. */
  #mergeMemory(name: number, into: number): void {
    const { layout, table } = this.#frame
    const { arena } = this.#merged.memory
    const { panes, slices, folds } = table
    for (let slice = slices.newest(this.#number); slice >= 0; slice = slices.older(slice)) {
      const end = ((slices.index[slice] as number) + 1) * layout.memoryPaneMs
      if (end > this.end - layout.retentionMs) arena.mergeOne(name, into, slices.arena, name, slice)
    }
    const fold = folds.find((one) => one.into === name)
    const sealed = table.sealed[this.#number] as number
    for (const pane of this.#slots()) {
      if ((panes.index[pane] as number) <= sealed) continue
      const own = table.unsettledOf(pane)
      if (fold) table.fold(fold, arena, into, pane)
      else if (own >= 0) arena.mergeOne(name, into, slices.arena, name, own)
    }
  }
}

/** Where the size of a cell is found: its place among the cells of panes and of slices, −1 for none. */
interface SizePlan {
  readonly panes: number
  readonly slices: number
}

function sizePlans(
  { folds }: EntityTable,
  names: readonly string[],
  of: 'panes' | 'slices',
): ReadonlyMap<string, SizePlan> {
  return new Map(
    names.map((name, cell) => {
      const fold =
        of === 'slices'
          ? folds.find(({ into }) => into === cell)
          : folds.find(({ from, keyOf }) => from === cell && keyOf === undefined)
      return [
        name,
        of === 'slices'
          ? { panes: fold?.from ?? -1, slices: cell }
          : { panes: cell, slices: fold?.into ?? -1 },
      ]
    }),
  )
}
