import { type Cells, mergeCells, openCells, type Shape } from '../aggregates/aggregate.ts'
import type { Detector, Window } from '../detector/detector.ts'
import type { KeyedHash } from '../hash/keyed-hash.ts'
import type { EntityState, Pane } from './entity-state.ts'
import type { Layout } from './layout.ts'

/** The window of an entity that ends with pane `index`: what `judge` sees. Panes after it don't exist for it. */
export function windowEndingIn(
  detector: Detector,
  layout: Layout,
  state: EntityState,
  index: number,
  hash: KeyedHash,
): Window<Shape, Shape> | undefined {
  const inWindow = state.panes.filter((pane) => pane.index <= index && pane.index > index - layout.panes)
  const [oldest, newest] = [inWindow[0], inWindow[inWindow.length - 1]]
  if (!oldest || !newest) return undefined
  inWindow.sort((left, right) => left.index - right.index)
  const end = (index + 1) * layout.paneMs
  // Merged when first asked for: most windows are dismissed by a look at one cell.
  let total: Cells<Shape> | undefined
  let memory: Cells<Shape> | undefined
  return {
    entity: state.entity,
    start: end - layout.windowMs,
    end,
    first: Math.min(...inWindow.map((pane) => pane.first)),
    last: Math.max(...inWindow.map((pane) => pane.last)),
    panes: inWindow.map((pane) => ({ start: pane.index * layout.paneMs, cells: pane.cells })),
    get total() {
      total ??= lazyTotals(detector.pane, inWindow, hash)
      return total
    },
    get memory() {
      memory ??= memoryOf(detector, layout, state, inWindow, end, hash)
      return memory
    },
  }
}

/** One pane is its own total; of more, each cell is merged when it is first read. */
function lazyTotals(shape: Shape, panes: readonly Pane[], hash: KeyedHash): Cells<Shape> {
  const [only, ...rest] = panes
  if (only && rest.length === 0) return only.cells
  const totals: Record<string, unknown> = {}
  for (const [name, aggregate] of Object.entries(shape)) {
    let merged: unknown
    Object.defineProperty(totals, name, {
      enumerable: true,
      get() {
        if (merged === undefined) {
          merged = aggregate.open(hash)
          for (const pane of panes) aggregate.merge(merged, pane.cells[name])
        }
        return merged
      },
    })
  }
  return totals as Cells<Shape>
}

/** Slices within the retention, and what panes not yet folded hold. */
function memoryOf(
  detector: Detector,
  layout: Layout,
  state: EntityState,
  panes: readonly Pane[],
  end: number,
  hash: KeyedHash,
): Cells<Shape> {
  if (layout.memoryPaneMs === 0) return {}
  const memory = openCells(detector.memory, hash)
  for (const [slice, cells] of state.memory) {
    if ((slice + 1) * layout.memoryPaneMs > end - layout.retentionMs)
      mergeCells(detector.memory, memory, cells)
  }
  for (const pane of panes) {
    if (pane.index > state.sealed) mergeCells(detector.memory, memory, pane.cells)
  }
  return memory
}
