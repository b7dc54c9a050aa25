import type { Decision } from '../../core/decision/decision.ts'
import type { AnalyticsTables } from '../../core/ports/analytics-store.ts'
import type { Changes } from '../../core/ports/state-store.ts'

/** Rows of what response did. */
export interface ResponseRows {
  readonly runs: readonly AnalyticsTables['runs'][]
  readonly decisions: readonly AnalyticsTables['decisions'][]
}

/**
 * Makes rows of what response commits: of decisions that are taken back it remembers what they were. `held`: those that
 * are there at the start.
 */
export function responseRows(
  held: readonly Decision[],
): (changes: Pick<Changes, 'runs' | 'decisions' | 'decisionsRemoved'>, now: number) => ResponseRows {
  const byId = new Map(held.map((decision) => [decision.id, decision]))
  return ({ runs = [], decisions: made = [], decisionsRemoved = [] }, now) => {
    const removed = decisionsRemoved.flatMap((id) => byId.get(id) ?? [])
    for (const decision of made) byId.set(decision.id, decision)
    for (const id of decisionsRemoved) byId.delete(id)
    return { runs, decisions: [...made, ...removed.map((decision) => ({ ...decision, removed: now }))] }
  }
}
