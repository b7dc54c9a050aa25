import { Buffer } from 'node:buffer'
import { hourMs } from '../../core/baseline/hour-of-week.ts'
import type { Decision } from '../../core/decision/decision.ts'
import type { Finding } from '../../core/detector/finding.ts'
import type { SealedPane } from '../../core/engine/sealed-pane.ts'
import type { Event } from '../../core/event/event.ts'
import { eventFieldNames, eventFields } from '../../core/event/event-fields.ts'
import type {
  AnalyticsStore,
  AnalyticsTable,
  AnalyticsTables,
  EventRow,
} from '../../core/ports/analytics-store.ts'
import type { Run } from '../../core/response/run.ts'
import { RowBytes } from '../../storage/clickhouse/row-binary/row-bytes.ts'
import { batchHeader, rowEncoder } from '../../storage/clickhouse/row-encoder.ts'

/** A Monday, 09:00 UTC. */
export const monday9 = Date.UTC(2026, 0, 5, 9)
export const lane = 'replay'

export function finding(change: Partial<Finding> = {}): Finding {
  return {
    id: 'f1',
    space: 's',
    lane,
    detector: 'd',
    version: 1,
    entity: { kind: 'ip', id: '203.0.113.9' },
    period: monday9,
    state: 'final',
    severity: 'high',
    score: 0.9,
    first: monday9 + 1,
    last: monday9 + 2,
    evidence: { accounts: ['k1:a'] },
    manifest: 'm1:0',
    root: 'f0',
    continues: 'f0',
    ...change,
  }
}

export function pane(change: Partial<SealedPane> = {}): SealedPane {
  return {
    detector: 'd',
    version: 1,
    entity: { kind: 'route', id: '/login' },
    start: monday9,
    paneMs: 15_000,
    measures: { failures: 3 },
    flagged: false,
    ...change,
  }
}

export const decision: Decision = {
  id: 'd1',
  scope: 'principal',
  value: 'mallory',
  type: 'throttle',
  rate: { count: 5, perMs: 60_000 },
  from: monday9,
  until: monday9 + hourMs,
  reason: 'walks ids',
  by: 'playbook:p',
}

export function run(change: Partial<Run> = {}): Run {
  return {
    id: 'r1',
    space: 's',
    lane,
    playbook: 'p',
    digest: 'x',
    mode: 'enforce',
    finding: finding(),
    state: 'pending',
    steps: [{ step: 'a', action: 'throttle', status: 'applied', at: monday9 }],
    started: monday9,
    ...change,
  }
}

const values = {
  text: (field: string) => `${field}: "é 😀"\n\n\\ \t'`,
  texts: (field: string) => [field, '', 'x'.repeat(300), '\n\n'],
  number: (field: string) => 2 ** 53 - field.length,
  instant: (field: string) => monday9 + field.length,
  boolean: () => true,
}

/** An event with a value in each field, none of them easy to send. */
export const everyField = Object.fromEntries(
  eventFieldNames.map((field) => [field, values[eventFields[field].type](field)]),
) as unknown as Event

export function eventRow(offset: number, event: Partial<Event> = {}): EventRow {
  return {
    lane: { source: 'src', partition: 't:0' },
    offset,
    event: { time: monday9 + offset, ...event },
  }
}

/** Encodes rows and inserts them as one batch; the token is the space's and lane's own. */
export async function insertRows<T extends AnalyticsTable>(
  store: Pick<AnalyticsStore, 'insert'>,
  table: T,
  place: { readonly space: string; readonly lane: string },
  batch: { readonly token: string; readonly rows: readonly AnalyticsTables[T][] },
): Promise<void> {
  const { space, lane } = place
  const encoder = rowEncoder(table, space, lane)
  const out = new RowBytes()
  for (const row of batch.rows) encoder.write(out, row)
  const bytes = Buffer.concat([batchHeader(table), out.take()])
  await store.insert({ table, token: JSON.stringify([space, lane, batch.token]), bytes })
}
