import { foldedFrom, type KeyInMemory, type Shape } from '../aggregates/aggregate.ts'
import type { CellArena } from '../aggregates/cell-arena.ts'
import type { Detector } from '../detector/detector.ts'
import type { EntityTable } from './entity-table.ts'

/** A cell of long memory and the pane's cell that fills it, by their places in the two shapes. */
export interface Fold {
  readonly into: number
  readonly from: number
  readonly keyOf: KeyInMemory | undefined
}

/** How long memory is filled from panes. */
export function foldsOf({ pane, memory }: Detector): Fold[] {
  const names = Object.keys(pane)
  return Object.values(memory).flatMap((aggregate, into) => {
    const source = foldedFrom(aggregate)
    return source ? [{ into, from: names.indexOf(source.name), keyOf: source.keyOf }] : []
  })
}

/** Merges what a pane holds for long memory into a slot of an arena of the memory's shape. */
export function foldPane(
  table: EntityTable,
  { into, from, keyOf }: Fold,
  arena: CellArena<Shape>,
  slot: number,
  pane: number,
): void {
  const start = keyOf ? table.startOf(pane) : 0
  const rekey = keyOf && ((key: string) => keyOf(key, start))
  arena.mergeOne(into, slot, table.panes.arena, from, pane, rekey)
}

/** Folds a sealed pane into the slice of long memory that holds it. */
export function rememberPane(table: EntityTable, pane: number): void {
  const { panes, slices, folds } = table
  const entity = panes.entityOf(pane)
  table.unread.read(entity)
  const index = table.sliceOf(pane)
  const known = slices.find(entity, index)
  const slice = known >= 0 ? known : slices.open(entity, index)
  for (let place = 0; place < folds.length; place++) {
    foldPane(table, folds[place] as Fold, slices.arena, slice, pane)
  }
  const events = panes.eventsOf(pane)
  slices.addEvents(slice, events)
  table.events[entity] = (table.events[entity] as number) + events
  table.memoryEvents[entity] = (table.memoryEvents[entity] as number) + events
  slices.changes.changed(slice)
}
