import type { Decision } from '../../core/decision/decision.ts'
import { enforcementText } from './in-force-table.ts'
import { renderTable } from './table.ts'
import { shortTime } from './times.ts'

/** One row for each decision, in the order given, with the id that `picket decisions remove` wants. */
export function decisionsTable(decisions: readonly Decision[], empty: string): string {
  return renderTable(
    decisions,
    [
      { heading: 'ID', text: ({ id }) => id },
      { heading: 'UNTIL (UTC)', text: ({ until }) => shortTime(until) },
      { heading: 'WHAT', text: enforcementText },
      { heading: 'WHO', text: ({ scope, value }) => `${scope} ${value}`, widthMax: 44 },
      { heading: 'BY', text: ({ by }) => by },
      { heading: 'WHY', text: ({ reason }) => reason, widthMax: 160 },
    ],
    empty,
  )
}
