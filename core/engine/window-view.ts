import type { Cells, Shape } from '../aggregates/aggregate.ts'
import type { Detector, Window } from '../detector/detector.ts'
import type { Entity } from '../entity/entity.ts'
import type { KeyedHash } from '../hash/keyed-hash.ts'
import type { EntityState, Pane } from './entity-state.ts'
import type { Layout } from './layout.ts'

/** What the windows of one detector have in common. */
export interface WindowFrame {
  readonly detector: Detector
  readonly layout: Layout
  readonly hash: KeyedHash
}

/** The window of an entity that ends with pane `index`: what `judge` sees. Panes after it don't exist for it. */
export function windowEndingIn(
  frame: WindowFrame,
  state: EntityState,
  index: number,
): Window<Shape, Shape> | undefined {
  const oldest = index - frame.layout.panes
  const panes: Pane[] = []
  for (const pane of state.panes) if (pane.index <= index && pane.index > oldest) panes.push(pane)
  if (panes.length === 0) return undefined
  if (panes.length > 1) panes.sort((left, right) => left.index - right.index)
  return new WindowView(frame, state, panes, (index + 1) * frame.layout.paneMs)
}

/** Merges when first asked: most windows are dismissed by a look at one cell. */
class WindowView implements Window<Shape, Shape> {
  readonly entity: Entity
  readonly end: number
  readonly #frame: WindowFrame
  readonly #state: EntityState
  readonly #panes: readonly Pane[]
  #total: Cells<Shape> | undefined
  #memory: Cells<Shape> | undefined

  constructor(frame: WindowFrame, state: EntityState, panes: readonly Pane[], end: number) {
    this.#frame = frame
    this.#state = state
    this.#panes = panes
    this.entity = state.entity
    this.end = end
  }

  get start(): number {
    return this.end - this.#frame.layout.windowMs
  }

  get first(): number {
    return this.#panes.reduce((first, pane) => Math.min(first, pane.first), Number.POSITIVE_INFINITY)
  }

  get last(): number {
    return this.#panes.reduce((last, pane) => Math.max(last, pane.last), Number.NEGATIVE_INFINITY)
  }

  get panes() {
    const { paneMs } = this.#frame.layout
    return this.#panes.map((pane) => ({ start: pane.index * paneMs, cells: pane.cells }))
  }

  get total(): Cells<Shape> {
    this.#total ??= lazyTotals(this.#frame, this.#panes)
    return this.#total
  }

  get memory(): Cells<Shape> {
    this.#memory ??= memoryOf(this.#frame, this.#state, this.#panes, this.end)
    return this.#memory
  }
}

/** One pane is its own total. */
function lazyTotals({ detector, hash }: WindowFrame, panes: readonly Pane[]): Cells<Shape> {
  const [only, ...rest] = panes
  if (only && rest.length === 0) return only.cells
  return lazyMerge(
    detector.pane,
    panes.map((pane) => pane.cells),
    hash,
  )
}

/** Slices within the retention, and what panes not yet folded hold. */
function memoryOf(
  { detector, layout, hash }: WindowFrame,
  state: EntityState,
  panes: readonly Pane[],
  end: number,
): Cells<Shape> {
  if (layout.memoryPaneMs === 0) return {}
  const parts: Cells<Shape>[] = []
  for (const [slice, cells] of state.memory) {
    if ((slice + 1) * layout.memoryPaneMs > end - layout.retentionMs) parts.push(cells)
  }
  for (const pane of panes) if (pane.index > state.sealed) parts.push(pane.cells)
  return lazyMerge(detector.memory, parts, hash)
}

/** Cells of which each is merged when it is first read: a cheap counter may tell that the others need no look. */
function lazyMerge(shape: Shape, parts: readonly Cells<Shape>[], hash: KeyedHash): Cells<Shape> {
  const merged: Record<string, unknown> = {}
  for (const [name, aggregate] of Object.entries(shape)) {
    let cell: unknown
    Object.defineProperty(merged, name, {
      enumerable: true,
      get() {
        if (cell === undefined) {
          cell = aggregate.open(hash)
          for (const part of parts) aggregate.merge(cell, part[name])
        }
        return cell
      },
    })
  }
  return merged as Cells<Shape>
}
