import type { Decision } from '../../core/decision/decision.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { StateStore } from '../../core/ports/state-store.ts'
import type { Copier } from './copier.ts'
import { responseRows } from './response-rows.ts'

export interface CopyingOptions {
  readonly copier: Pick<Copier, 'responded'>
  readonly clock: Clock
  /** Held at the start, so that their end is told too. */
  readonly decisions: readonly Decision[]
}

/**
 * The state store as response sees it, which tells the copier of runs and decisions once they are durable. Hand it to
 * the executor only: what the pipeline commits is copied by `Copier.committed`.
 */
export function copyingStore(store: StateStore, { copier, clock, decisions }: CopyingOptions): StateStore {
  const rowsOf = responseRows(decisions)

  return {
    term: store.term,
    restore: () => store.restore(),
    packs: () => store.packs(),
    async commit(changes) {
      await store.commit(changes)
      copier.responded(rowsOf(changes, clock.now()))
    },
    findings: (filter) => store.findings(filter),
    runs: (filter) => store.runs(filter),
    journal: (run) => store.journal(run),
    decisions: () => store.decisions(),
    close: () => store.close(),
  }
}
