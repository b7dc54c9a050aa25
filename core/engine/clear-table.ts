import type { EntityTable } from './entity-table.ts'

/** Forgets everything, where nothing was sealed and nothing is stored. */
export function clearTable({ openMemory, panes, index }: EntityTable): void {
  openMemory?.clear()
  const steps = panes.expiring(Number.POSITIVE_INFINITY, (pane) => {
    panes.changes.released(pane)
    panes.remove(pane)
  })
  while (!steps.next().done);
  index.clear()
}
