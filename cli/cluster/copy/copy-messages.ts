import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { KafkaMessage, Message } from 'kafkajs'
import type { AnalyticsTable } from '../../../core/ports/analytics-store.ts'
import { batchHeader } from '../../../storage/clickhouse/row-encoder.ts'
import type { OffsetRange } from '../../../storage/spill/batch-label.ts'
import type { Rows } from '../../runtime/copy-rows.ts'

/** Rows of one table as a message holds them. */
export interface Copy {
  readonly table: AnalyticsTable
  /** Names and types of the columns, as whoever wrote the rows knew them. */
  readonly header: Buffer
  readonly rows: Rows
}

/** What the header of a message says of the rows in its value. */
interface CopyLabel {
  readonly version: number
  readonly table: AnalyticsTable
  readonly headerBytes: number
  readonly count: number
  readonly days: readonly number[]
  readonly ranges: readonly OffsetRange[]
}

const labelHeader = 'picket-copy'
const version = 1
/** Rows repeat themselves: the fastest level takes them to a fifth, off the main thread. */
const compression = { level: 1 }
/** No message holds more; one that says so is not ours. */
const bytesMax = 64 * 1024 * 1024

/** Ends what was committed before, here and in all topics. */
export const barrierKey = 'barrier'

/** Rows with what a reader of any version must know of them. */
export async function copyMessage(table: AnalyticsTable, rows: Rows, partition: number): Promise<Message> {
  const header = batchHeader(table)
  const { bytes, count, days, ranges } = rows
  const label: CopyLabel = { version, table, headerBytes: header.length, count, days: [...days], ranges }
  return {
    key: table,
    value: await promisify(gzip)(Buffer.concat([header, bytes]), compression),
    partition,
    headers: { [labelHeader]: JSON.stringify(label) },
  }
}

/** Undoes `copyMessage`; `undefined` for a barrier. Rejects with `RangeError` for what another version wrote. */
export async function readCopy({ key, value, headers }: KafkaMessage): Promise<Copy | undefined> {
  if (String(key) === barrierKey) return undefined
  const text = headers?.[labelHeader]
  const label = text === undefined ? undefined : (JSON.parse(String(text)) as CopyLabel)
  if (!value || label?.version !== version)
    throw new RangeError(
      `the topic of copies has a message of version ${label?.version ?? 'none'}, this version of Picket reads ${version}: update this process`,
    )
  const { table, headerBytes, count, days, ranges } = label
  const batch = await promisify(gunzip)(value, { maxOutputLength: bytesMax })
  return {
    table,
    header: batch.subarray(0, headerBytes),
    rows: { bytes: batch.subarray(headerBytes), count, days: new Set(days), ranges },
  }
}
