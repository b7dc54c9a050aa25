import type { EntityPack } from '../ports/state-store.ts'
import { EntityCursor } from './entity-cursor.ts'
import type { EntityTable } from './entity-table.ts'
import { restorePart } from './restore-part.ts'

/**
 * Takes the records of a pack, of which cells stay unread in it. `onEntity` is told of the entity of each record that has one.
 * Throws as `restorePart`.
 */
export function restoreRecords(
  table: EntityTable,
  { detector, part, bytes }: Pick<EntityPack, 'detector' | 'part' | 'bytes'>,
  onEntity: (entity: number) => void,
): void {
  const { index, panes, slices } = table
  const cells = part === 'pane' ? panes : slices
  cells.unread.begin(bytes)
  const cursor = new EntityCursor({ detector, bytes }, { index, cells })
  while (cursor.next()) {
    const entity = restorePart(detector, table, cursor)
    if (entity !== undefined) onEntity(entity)
  }
}
