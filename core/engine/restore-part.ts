import type { Shape } from '../aggregates/aggregate.ts'
import { decodePart } from './entity-codec.ts'
import type { EntityTable } from './entity-table.ts'
import type { PackCursor } from './pack-cursor.ts'
import type { TimedCells } from './timed-cells.ts'

/**
 * Takes the stored record at the cursor: it takes the place of an older one of the same name, or only takes that away. Returns the
 * entity that it is of. Call it before anything is observed or sealed. Throws `RangeError` for a torn record or one of another version.
 */
export function restorePart(detector: string, table: EntityTable, cursor: PackCursor): number | undefined {
  const place = cursor.part
  if (!place) return undefined
  const { kind, id, part, index } = place
  const known = table.index.get(kind, id)
  if (known !== undefined) forget(table, part === 'pane' ? table.panes : table.slices, known, index)
  const from = cursor.reader
  if (from) {
    // No bound: what was given up since is taken away by records that come later.
    const number = known ?? table.add(kind, id)
    decodePart(detector, table, number, place, from)
    return number
  }
  if (known !== undefined && isEmpty(table, known)) table.index.delete(known)
  return undefined
}

function forget(table: EntityTable, cells: TimedCells<Shape>, entity: number, index: number): void {
  const slot = cells.find(entity, index)
  if (slot < 0) return
  const { events, memoryEvents, slices, openMemory } = table
  events[entity] = (events[entity] as number) - cells.eventsOf(slot)
  if (cells === slices) memoryEvents[entity] = (memoryEvents[entity] as number) - cells.eventsOf(slot)
  else {
    const own = table.unsettledOf(slot)
    if (own >= 0) slices.arena.release(own)
    openMemory?.forget(slot)
  }
  cells.changes.released(slot)
  cells.remove(slot)
}

function isEmpty({ panes, slices }: EntityTable, entity: number): boolean {
  return panes.newest(entity) < 0 && slices.newest(entity) < 0
}
