import type { SealedPane } from '../../../core/engine/sealed-pane.ts'
import { entityKey } from '../../../core/entity/entity.ts'
import { numberValue, partitionInstant, textValue } from './column-values.ts'
import { type TableSchema, tableOptions } from './table-schema.ts'

/** Long enough for a baseline of several weeks. */
const ttlDays = 90

/**
 * Sealed panes: what baselines are cut from. A pane sent again under another token replaces itself, so that nothing is
 * counted twice; of two copies the flagged one stays, because a window once judged positive is no normal history.
 */
export const panes: TableSchema<SealedPane> = {
  name: 'panes',
  create: (database) => `CREATE TABLE IF NOT EXISTS ${database}.panes (
  space LowCardinality(String),
  lane LowCardinality(String),
  detector LowCardinality(String),
  version UInt32,
  entity String,
  start DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  pane_ms UInt32,
  measures Map(LowCardinality(String), Float64),
  flagged UInt8,
  stored DateTime DEFAULT now()
) ENGINE = ReplacingMergeTree(flagged)
${tableOptions('start', ['space', 'lane', 'detector', 'version', 'entity', 'start', 'pane_ms'], ttlDays)}`,

  columns: (space, lane, pane) => ({
    space,
    lane,
    detector: pane.detector,
    version: pane.version,
    entity: textValue(entityKey(pane.entity)),
    start: partitionInstant(pane.start),
    pane_ms: pane.paneMs,
    // What is no number (a ratio of nothing, say) has no place in a distribution.
    measures: Object.fromEntries(
      Object.entries(pane.measures).filter(([, value]) => numberValue(value) !== null),
    ),
    flagged: pane.flagged ? 1 : 0,
  }),
}
