import type { Finding } from '../../../core/detector/finding.ts'
import { instant, json, keyword, text, uint32 } from './columns.ts'
import { type TableSchema, tableOptions } from './table-schema.ts'

const ttlDays = 400

/** Findings by id, in the state in which they were sent last; read with `FINAL`. */
export const findings: TableSchema<Finding> = {
  name: 'findings',
  engine: 'ReplacingMergeTree',
  options: tableOptions('period', ['space', 'lane', 'id'], ttlDays),
  partitionTime: ({ period }) => period,
  columns: [
    text('id', ({ id }) => id),
    keyword('detector', ({ detector }) => detector),
    uint32('version', ({ version }) => version),
    keyword('entity_kind', ({ entity }) => entity.kind),
    text('entity_id', ({ entity }) => entity.id),
    instant('period', ({ period }) => period),
    keyword('state', ({ state }) => state),
    keyword('severity', ({ severity }) => severity),
    { name: 'score', type: 'Float64', write: (out, { score }) => out.float64(score) },
    instant('first', ({ first }) => first),
    instant('last', ({ last }) => last),
    json('evidence', ({ evidence }) => evidence),
    keyword('manifest', ({ manifest }) => manifest),
    text('continues', ({ continues }) => continues),
    text('root', ({ root }) => root),
  ],
}
