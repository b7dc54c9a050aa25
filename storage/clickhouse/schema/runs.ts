import type { Run } from '../../../core/response/run.ts'
import { jsonValue, partitionInstant } from './column-values.ts'
import { type TableSchema, tableOptions } from './table-schema.ts'

const ttlDays = 400

/** Playbook runs by id, in the state in which they were sent last; read with `FINAL`. */
export const runs: TableSchema<Run> = {
  name: 'runs',
  create: (database) => `CREATE TABLE IF NOT EXISTS ${database}.runs (
  space LowCardinality(String),
  lane LowCardinality(String),
  id String,
  playbook LowCardinality(String),
  digest LowCardinality(String),
  mode LowCardinality(String),
  state LowCardinality(String),
  started DateTime64(3, 'UTC'),
  finding String,
  root String,
  steps String CODEC(ZSTD(1)),
  stored DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree
${tableOptions('started', ['space', 'lane', 'id'], ttlDays)}`,

  columns: (space, lane, run) => ({
    space,
    lane,
    id: run.id,
    playbook: run.playbook,
    digest: run.digest,
    mode: run.mode,
    state: run.state,
    started: partitionInstant(run.started),
    finding: run.finding.id,
    root: run.finding.root,
    steps: jsonValue(run.steps),
  }),
}
