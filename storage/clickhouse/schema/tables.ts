import type { AnalyticsTable, AnalyticsTables } from '../../../core/ports/analytics-store.ts'
import { decisions } from './decisions.ts'
import { events } from './events.ts'
import { findings } from './findings.ts'
import { panes } from './panes.ts'
import { runs } from './runs.ts'
import type { TableSchema } from './table-schema.ts'

/** All tables, by the name that the port gives them. */
export const tables: { readonly [T in AnalyticsTable]: TableSchema<AnalyticsTables[T]> } = {
  events,
  panes,
  findings,
  decisions,
  runs,
}
