import type { AnalyticsTables } from '../../../core/ports/analytics-store.ts'
import { instantValue, jsonValue, partitionInstant, textValue } from './column-values.ts'
import { type TableSchema, tableOptions } from './table-schema.ts'

const ttlDays = 400

/** Decisions by id, in the state in which they were sent last (`removed` once taken back); read with `FINAL`. */
export const decisions: TableSchema<AnalyticsTables['decisions']> = {
  name: 'decisions',
  create: (database) => `CREATE TABLE IF NOT EXISTS ${database}.decisions (
  space LowCardinality(String),
  lane LowCardinality(String),
  id String,
  scope LowCardinality(String),
  value String,
  type LowCardinality(String),
  rate String,
  issued_until Nullable(DateTime64(3, 'UTC')),
  valid_from DateTime64(3, 'UTC'),
  valid_until DateTime64(3, 'UTC'),
  removed Nullable(DateTime64(3, 'UTC')),
  reason String,
  finding String,
  run String,
  step String,
  by String,
  stored DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
${tableOptions('valid_from', ['space', 'lane', 'id'], ttlDays)}`,

  columns: (space, lane, decision) => ({
    space,
    lane,
    id: decision.id,
    scope: decision.scope,
    value: textValue(decision.value),
    type: decision.type,
    rate: decision.rate ? jsonValue(decision.rate) : '',
    issued_until: instantValue(decision.issuedUntil),
    valid_from: partitionInstant(decision.from),
    valid_until: partitionInstant(decision.until),
    removed: instantValue(decision.removed),
    reason: textValue(decision.reason),
    finding: decision.finding ?? '',
    run: decision.run ?? '',
    step: decision.step ?? '',
    by: textValue(decision.by),
  }),
}
