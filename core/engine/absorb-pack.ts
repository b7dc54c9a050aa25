import { mergePane, paneHead } from './entity-codec.ts'
import { EntityCursor } from './entity-cursor.ts'
import type { EntityTable } from './entity-table.ts'
import type { PanePack } from './pane-pack.ts'

/** How many events collected panes held, and how many of them came behind the seal, or beyond the bound. */
export interface Taken {
  readonly events: number
  readonly late: number
  /** These by the kind of their entity. */
  readonly lateKinds: ReadonlyMap<string, number>
}

export const nothingTaken: Taken = { events: 0, late: 0, lateKinds: new Map() }

/**
 * Merges panes that a collector encoded into the entities' own, open ones, but for those below `boundary`, which are sealed.
 * `onPane` is told of each that was merged. Throws `RangeError` for a torn record or one of another version.
 */
export function absorbPack(
  pack: PanePack,
  table: EntityTable,
  boundary: number,
  onPane: (entity: number, pane: number) => void,
): Taken {
  let [events, late, lateKinds] = [0, 0, nothingTaken.lateKinds]
  const cursor = new EntityCursor(pack, { index: table.index, cells: table.panes })
  while (cursor.next()) {
    const from = cursor.reader
    if (!from) continue
    const head = paneHead(pack.detector, from)
    const entity = head.index < boundary ? undefined : openEntity(cursor, table)
    events += head.events
    if (entity === undefined) {
      late += head.events
      const kind = cursor.part?.kind ?? ''
      lateKinds = new Map(lateKinds).set(kind, head.events + (lateKinds.get(kind) ?? 0))
    } else onPane(entity, mergePane(table, entity, head))
  }
  return { events, late, lateKinds }
}

function openEntity({ part, hash }: EntityCursor, table: EntityTable): number | undefined {
  return part && table.open(part.kind, part.id, hash)
}
