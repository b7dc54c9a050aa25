import { randomUUID } from 'node:crypto'
import type { KafkaMessage } from 'kafkajs'

/** Random, so that no producer can write a message that looks like a mark. */
const markHeader = `picket-unreadable-${randomUUID()}`

/**
 * Beyond it kafkajs itself throws, because it hands the records of a batch over as arguments, and V8 takes some 125,000.
 * 1 MB, the usual limit of a batch, holds fewer without compression.
 */
const recordsMax = 100_000

/** Where what comes before the compressed records of a batch stands, counted back from them (protocol guide, "Record Batch"). */
const back = { baseOffset: 61, lastOffsetDelta: 38, recordCount: 4 } as const

/** Why batches could not be read, each reason once. */
const reasons: string[] = []
/** Reasons may hold numbers; later ones are told as the last. */
const reasonsMax = 100

/**
 * What the records of an unreadable batch are replaced by. kafkajs decodes as many records as the batch announces, and
 * throws for fewer, which stops every partition and names none. So it gets as many marks, at the first and last offset
 * of the batch, and these arrive like any other message: with topic and partition.
 */
export function marksInstead(compressed: Buffer, reason: string): Buffer {
  const header = headerOf(compressed)
  const count = header.getInt32(header.byteLength - back.recordCount)
  const lastDelta = header.getInt32(header.byteLength - back.lastOffsetDelta)
  const known = reasons.indexOf(reason)
  const isFull = reasons.length >= reasonsMax
  const code = known < 0 && !isFull ? reasons.push(reason) - 1 : known < 0 ? reasonsMax - 1 : known
  const first = mark(0, code)
  return Buffer.concat([Buffer.alloc(first.length * (count - 1), first), mark(lastDelta, code)])
}

/** Throws what kafkajs would throw as a stack overflow. */
export function requireReadableCount(compressed: Buffer): void {
  const header = headerOf(compressed)
  const count = header.getInt32(header.byteLength - back.recordCount)
  if (count <= recordsMax) return
  const first = header.getBigInt64(header.byteLength - back.baseOffset)
  throw new Error(
    `a batch of ${count} records at offset ${first}, and kafkajs reads at most ${recordsMax} in one; ` +
      'set `client: rdkafka` for the source, which has no such limit (with `cluster` mirror the topic in smaller batches)',
  )
}

/** Why the message's batch could not be read, when it is a mark. */
export function whyUnreadable(message: KafkaMessage | undefined): string | undefined {
  const code = message?.headers?.[markHeader]
  return code === undefined ? undefined : reasons[Number(String(code))]
}

/** kafkajs gives a view of the bytes that it received, so what comes before is still there. */
function headerOf(compressed: Buffer): DataView {
  if (compressed.byteOffset < back.baseOffset) throw new Error('compressed records without their batch')
  return new DataView(compressed.buffer, compressed.byteOffset - back.baseOffset, back.baseOffset)
}

/** A record in Kafka's encoding (protocol guide, "Record"). */
function mark(offsetDelta: number, code: number): Buffer {
  const body = Buffer.concat([
    Buffer.from([0, 0]), // attributes, timestamp delta
    varint(offsetDelta),
    Buffer.concat([varint(-1), varint(-1)]), // no key, no value
    varint(1),
    text(markHeader),
    text(String(code)),
  ])
  return Buffer.concat([varint(body.length), body])
}

function text(value: string): Buffer {
  return Buffer.concat([varint(Buffer.byteLength(value)), Buffer.from(value)])
}

/** Zigzag and base 128, as protobuf's sint32. */
function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  bytes.push(rest)
  return Buffer.from(bytes)
}
