import type { SealedPane } from '../../../core/engine/sealed-pane.ts'
import { entityKey } from '../../../core/entity/entity.ts'
import { numberValue } from '../row-binary/column-values.ts'
import type { RowBytes } from '../row-binary/row-bytes.ts'
import { instant, keyword, text, uint32 } from './columns.ts'
import { type TableSchema, tableOptions } from './table-schema.ts'

/** Long enough for a baseline of several weeks. */
const ttlDays = 90

/**
 * Sealed panes: what baselines are cut from. A pane sent again under another token replaces itself, so that nothing is
 * counted twice; of two copies the flagged one stays, because a window once judged positive is no normal history.
 */
export const panes: TableSchema<SealedPane> = {
  name: 'panes',
  engine: 'ReplacingMergeTree(flagged)',
  options: tableOptions(
    'start',
    ['space', 'lane', 'detector', 'version', 'entity', 'start', 'pane_ms'],
    ttlDays,
  ),
  partitionTime: ({ start }) => start,
  columns: [
    keyword('detector', ({ detector }) => detector),
    uint32('version', ({ version }) => version),
    text('entity', ({ entity }) => entityKey(entity)),
    instant('start', ({ start }) => start, 'Delta, ZSTD(1)'),
    uint32('pane_ms', ({ paneMs }) => paneMs),
    {
      name: 'measures',
      type: 'Map(LowCardinality(String), Float64)',
      write: (out, { measures }) => writeMeasures(out, measures),
    },
    { name: 'flagged', type: 'UInt8', write: (out, { flagged }) => out.uint8(flagged ? 1 : 0) },
  ],
}

/** What is no number (a ratio of nothing, say) has no place in a distribution. */
function writeMeasures(out: RowBytes, measures: SealedPane['measures']): void {
  const numbers = Object.entries(measures).filter(([, value]) => numberValue(value) !== null)
  out.count(numbers.length)
  for (const [measure, value] of numbers) {
    out.text(measure)
    out.float64(value)
  }
}
