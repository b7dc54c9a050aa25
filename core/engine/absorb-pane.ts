import { parseEntityKey } from '../entity/entity.ts'
import type { EntityRecord } from '../ports/state-store.ts'
import { mergePane, paneHead } from './entity-codec.ts'
import type { EntityTable } from './entity-table.ts'
import { parsePartKey } from './part-name.ts'

/** How many events a collected pane held, and how many of them came behind the seal, or beyond the bound. */
export interface Taken {
  readonly events: number
  readonly late: number
}

/** Where a collected pane was merged; without `pane` its events came behind the seal, or beyond the bound. */
export interface Absorbed {
  readonly events: number
  readonly entity?: number
  readonly pane?: number
}

/**
 * Merges a pane that a collector encoded into the entity's own, unless panes below `boundary` are sealed and it is one of
 * them. Throws `RangeError` for a torn record or one of another version.
 */
export function absorbPane(
  { detector, entity: key, bytes }: EntityRecord,
  table: EntityTable,
  boundary: number,
): Absorbed {
  if (bytes === undefined) return { events: 0 }
  const head = paneHead(detector, bytes)
  const { events } = head
  const named = parseEntityKey(parsePartKey(key).entity)
  if (!named || head.index < boundary) return { events }
  const entity = table.open(named.kind, named.id)
  return entity === undefined ? { events } : { events, entity, pane: mergePane(table, entity, head) }
}
