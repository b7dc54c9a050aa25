import { readPaneCells } from './entity-codec.ts'
import type { EntityTable } from './entity-table.ts'

/** Entities that are read at a start. */
const someMax = 100

/**
 * Reads the cells of an entity that a restart left unread: of all its parts, so that a look at the newest tells whether any are.
 * Throws `RangeError` for a torn record.
 */
export function readUnread(table: EntityTable, entity: number): void {
  const { panes, slices, sums } = table
  const [pane, slice] = [panes.newest(entity), slices.newest(entity)]
  if (!(pane >= 0 ? panes.unread.has(pane) : slices.unread.has(slice))) return
  const sealed = table.sealed[entity] as number
  for (let slot = pane; slot >= 0; slot = panes.older(slot)) {
    const from = panes.unread.take(slot)
    if (from) readPaneCells(table, slot, from)
    if (panes.indexOf(slot) <= sealed) sums.add(entity, slot)
  }
  for (let slot = slice; slot >= 0; slot = slices.older(slot)) {
    const from = slices.unread.take(slot)
    if (from) slices.arena.decode(slot, from)
  }
}

/** Reads some of the entities at once: what can't be read is told at the start, and not by a run that ends later. */
export function readSome(table: EntityTable, entities: readonly number[]): void {
  for (const entity of entities.slice(0, someMax)) readUnread(table, entity)
}
