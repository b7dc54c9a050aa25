import type { Shape } from '../aggregates/aggregate.ts'
import { restoreHead } from './entity-codec.ts'
import type { EntityCursor } from './entity-cursor.ts'
import type { EntityTable } from './entity-table.ts'
import type { TimedCells } from './timed-cells.ts'

/**
 * Takes the stored record at the cursor: it takes the place of an older one of the same name, or only takes that away. Returns the
 * entity that it is of. Call it before anything is observed or sealed. Throws `RangeError` for a torn record or one of another version.
 */
export function restorePart(detector: string, table: EntityTable, cursor: EntityCursor): number | undefined {
  const { part: place, hash } = cursor
  if (!place) return undefined
  const { kind, id, part, index } = place
  const cells = part === 'pane' ? table.panes : table.slices
  const known = table.index.get(kind, id, hash)
  const slot = known === undefined ? -1 : cells.find(known, index)
  if (slot >= 0) withdrawPart(table, cells, slot)
  const from = cursor.reader
  if (from) {
    // No bound: what was given up since is taken away by records that come later.
    const number = known ?? table.add(kind, id, hash)
    restoreHead(detector, table, slot >= 0 ? slot : cells.open(number, index), part, from)
    return number
  }
  if (slot >= 0) cells.remove(slot)
  if (known !== undefined && isWithoutParts(table, known)) table.index.delete(known)
  return undefined
}

/** Empties a part, which keeps its slot: mostly a newer record takes its place. */
export function withdrawPart(table: EntityTable, cells: TimedCells<Shape>, slot: number): void {
  const { events, memoryEvents, slices, openMemory } = table
  const entity = cells.entityOf(slot)
  const own = cells.eventsOf(slot)
  events[entity] = (events[entity] as number) - own
  if (cells === slices) memoryEvents[entity] = (memoryEvents[entity] as number) - own
  else {
    const open = table.unsettledOf(slot)
    if (open >= 0) slices.arena.release(open)
    openMemory?.forget(slot)
  }
  cells.changes.released(slot)
  cells.unread.forget(slot)
  cells.addEvents(slot, -own)
  cells.arena.clear(slot)
}

export function isWithoutParts({ panes, slices }: EntityTable, entity: number): boolean {
  return panes.newest(entity) < 0 && slices.newest(entity) < 0
}
