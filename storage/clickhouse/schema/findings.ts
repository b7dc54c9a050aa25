import type { Finding } from '../../../core/detector/finding.ts'
import { jsonValue, partitionInstant, textValue } from './column-values.ts'
import { type TableSchema, tableOptions } from './table-schema.ts'

const ttlDays = 400

/** Findings by id, in the state in which they were sent last; read with `FINAL`. */
export const findings: TableSchema<Finding> = {
  name: 'findings',
  create: (database) => `CREATE TABLE IF NOT EXISTS ${database}.findings (
  space LowCardinality(String),
  lane LowCardinality(String),
  id String,
  detector LowCardinality(String),
  version UInt32,
  entity_kind LowCardinality(String),
  entity_id String,
  period DateTime64(3, 'UTC'),
  state LowCardinality(String),
  severity LowCardinality(String),
  score Float64,
  first DateTime64(3, 'UTC'),
  last DateTime64(3, 'UTC'),
  evidence String CODEC(ZSTD(1)),
  manifest LowCardinality(String),
  continues String,
  root String,
  stored DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
${tableOptions('period', ['space', 'lane', 'id'], ttlDays)}`,

  columns: (space, lane, finding) => ({
    space,
    lane,
    id: finding.id,
    detector: finding.detector,
    version: finding.version,
    entity_kind: finding.entity.kind,
    entity_id: textValue(finding.entity.id),
    period: partitionInstant(finding.period),
    state: finding.state,
    severity: finding.severity,
    score: finding.score,
    first: partitionInstant(finding.first),
    last: partitionInstant(finding.last),
    evidence: jsonValue(finding.evidence),
    manifest: finding.manifest,
    continues: finding.continues ?? '',
    root: finding.root,
  }),
}
