import type { Run } from '../../../core/response/run.ts'
import { instant, json, keyword, text } from './columns.ts'
import { type TableSchema, tableOptions } from './table-schema.ts'

const ttlDays = 400

/** Playbook runs by id, in the state in which they were sent last; read with `FINAL`. */
export const runs: TableSchema<Run> = {
  name: 'runs',
  engine: 'ReplacingMergeTree',
  options: tableOptions('started', ['space', 'lane', 'id'], ttlDays),
  partitionTime: ({ started }) => started,
  columns: [
    text('id', ({ id }) => id),
    keyword('playbook', ({ playbook }) => playbook),
    keyword('digest', ({ digest }) => digest),
    keyword('mode', ({ mode }) => mode),
    keyword('state', ({ state }) => state),
    instant('started', ({ started }) => started),
    text('finding', ({ finding }) => finding.id),
    text('root', ({ finding }) => finding.root),
    json('steps', ({ steps }) => steps),
  ],
}
