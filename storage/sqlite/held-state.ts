import type { Database } from 'better-sqlite3'
import { originalText, storedText } from './stored-text.ts'

/** What is held of a detector in one of its versions. */
export interface HeldState {
  readonly detector: string
  readonly version: number
  readonly bytes: number
}

/** By (detector, version). */
export function heldStates(db: Database): HeldState[] {
  const rows = db
    .prepare(
      `SELECT detector, version, sum(length(bytes)) AS bytes FROM entity_packs
       GROUP BY detector, version ORDER BY detector, version`,
    )
    .all() as HeldState[]
  return rows.map(({ detector, ...row }) => ({ ...row, detector: originalText(detector) }))
}

/** Drops panes and memory of a detector in a version; its findings stay. */
export function dropState(
  db: Database,
  { detector, version }: Pick<HeldState, 'detector' | 'version'>,
): void {
  db.prepare('DELETE FROM entity_packs WHERE detector = ? AND version = ?').run(storedText(detector), version)
}
