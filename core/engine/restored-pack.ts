import type { EntityPack } from '../ports/state-store.ts'
import type { EntityTable } from './entity-table.ts'
import { isWithoutParts, withdrawPart } from './restore-part.ts'

/** A pack, or a piece of one, that was restored. */
export interface RestoredPack {
  /** Takes back what it still holds, before `restored`: the store has it no more. */
  withdraw(): void
}

/** What is restored next is in this pack. */
export function beginPack(table: EntityTable, { part, number }: EntityPack): RestoredPack {
  const cells = part === 'pane' ? table.panes : table.slices
  const place = cells.changes.restoring(number)
  return {
    withdraw: () =>
      cells.changes.withdraw(place, (slot) => {
        const entity = cells.entityOf(slot)
        withdrawPart(table, cells, slot)
        cells.remove(slot)
        if (isWithoutParts(table, entity)) table.index.delete(entity)
      }),
  }
}
