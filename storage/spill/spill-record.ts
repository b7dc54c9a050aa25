import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import type { BatchLabel } from './batch-label.ts'

/** First bytes of a segment, the last of which is the version of what follows. */
export const segmentHeader = Buffer.from('PKSPILL\u0001', 'latin1')

/**
 * A record is a head, the label as JSON, and the batch. The head is, little-endian: state (one byte, the only one that
 * ever changes and no part of a checksum), bytes of the label, bytes of the batch, CRC-32 of the batch, CRC-32 of the
 * three numbers and the label.
 */
export const headBytes = 17
const state = { waiting: 0, done: 1 } as const
/** What replaces the first byte of a record whose batch was stored. */
export const doneMark = Buffer.of(state.done)

export interface RecordHead {
  readonly isDone: boolean
  readonly labelBytes: number
  readonly batchBytes: number
  readonly batchSum: number
  readonly labelSum: number
}

/** Everything of a record before the batch. */
export function recordStart(label: BatchLabel, batch: Uint8Array): Buffer {
  const text = Buffer.from(JSON.stringify(label), 'utf8')
  const head = Buffer.alloc(headBytes)
  head.writeUInt8(state.waiting, 0)
  head.writeUInt32LE(text.length, 1)
  head.writeUInt32LE(batch.length, 5)
  head.writeUInt32LE(crc32(batch), 9)
  head.writeUInt32LE(crc32(text, crc32(head.subarray(1, 13))), 13)
  return Buffer.concat([head, text])
}

/** The numbers before a label; whether they are true only `readLabel` tells. */
export function readHead(head: Buffer): RecordHead {
  return {
    isDone: head.readUInt8(0) === state.done,
    labelBytes: head.readUInt32LE(1),
    batchBytes: head.readUInt32LE(5),
    batchSum: head.readUInt32LE(9),
    labelSum: head.readUInt32LE(13),
  }
}

/** The label, or `undefined` when head and label don't belong together: the record was cut off, or never written. */
export function readLabel(head: Buffer, text: Buffer): BatchLabel | undefined {
  if (crc32(text, crc32(head.subarray(1, 13))) !== readHead(head).labelSum) return undefined
  return JSON.parse(text.toString('utf8')) as BatchLabel
}
