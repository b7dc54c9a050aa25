import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { AnalyticsStore, AnalyticsTable, RowLookup } from '../../../core/ports/analytics-store.ts'
import { batchRows } from '../../../storage/clickhouse/row-binary/batch-rows.ts'
import {
  type KeptBatch,
  keptBatches,
  keptFolder,
  type ReadBatch,
  readKept,
  removeKept,
} from '../../../storage/spill/kept-rows.ts'
import { ForeignSegment } from '../../../storage/spill/spill-segment.ts'

/** What became of a batch of rows that the store had refused. */
export type KeptOutcome =
  | { readonly kind: 'refilled'; readonly inserted: number }
  /** Only counted: `--dry-run`. */
  | { readonly kind: 'available' }
  | { readonly kind: 'gone'; readonly why: string }

export interface RefilledRows {
  readonly table: AnalyticsTable | undefined
  readonly rows: number
  readonly outcome: KeptOutcome
}

export interface RefillKeptOptions {
  /** The folder of the disk queue. */
  readonly folder: string
  /** Absent: only what there is is counted. */
  readonly store?: Pick<AnalyticsStore, 'insert'> & RowLookup
  readonly signal: AbortSignal
}

/**
 * Inserts rows that were refused and kept, and removes them here. Of what has an id the state counts that was inserted last: so the
 * newest batch goes first, and a row is left out where another of its id was stored since it was refused. So it
 * may be broken off at any moment and begun again.
 */
export async function* refillKept(options: RefillKeptOptions): AsyncGenerator<RefilledRows> {
  for (const batch of await keptBatches(keptFolder(options.folder))) {
    if (options.signal.aborted) return
    const refilled = await refillBatch(batch, options)
    if (refilled) yield refilled
  }
}

async function refillBatch(
  batch: KeptBatch,
  { store }: RefillKeptOptions,
): Promise<RefilledRows | undefined> {
  try {
    const read = await readKept(batch)
    if (read === undefined) {
      // Cut off by a kill before its sender went on, which then sent it once more.
      if (store) await removeKept(batch)
      return undefined
    }
    const { table, rows } = read.label
    if (!store) return { table, rows, outcome: { kind: 'available' } }
    const inserted = await insertMissing(read, read.label.refusedAt ?? batch.at, store)
    await removeKept(batch)
    return { table, rows, outcome: { kind: 'refilled', inserted } }
  } catch (error) {
    // A batch that this version can't read, in its file or in its columns.
    if (!(error instanceof ForeignSegment) && !(error instanceof RangeError)) throw error
    const why = `${batch.path} can't be read (${error.message}): refill with the Picket that wrote it, or remove it`
    return { table: undefined, rows: 0, outcome: { kind: 'gone', why } }
  }
}

/** Resolves with how many rows were missing, and are there now. */
async function insertMissing(
  { label, bytes }: ReadBatch,
  since: number,
  store: NonNullable<RefillKeptOptions['store']>,
): Promise<number> {
  const { table, space, lane } = label
  // Panes replace themselves, whatever their order.
  if (table === 'events' || table === 'panes') {
    await store.insert({ ...label, bytes })
    return label.rows
  }
  const { header, rows } = batchRows(bytes)
  const ids = [...new Set(rows.flatMap(({ id }) => id ?? []))]
  const stored = new Set(await store.storedIds({ table, space, lane, ids, since }))
  const missing = rows.filter(({ id }) => id === undefined || !stored.has(id))
  if (missing.length === 0) return 0
  const left = Buffer.concat([header, ...missing.map((row) => row.bytes)])
  const token = missing.length === rows.length ? label.token : `kept:${sha256(left)}`
  await store.insert({ table, token, bytes: left })
  return missing.length
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
