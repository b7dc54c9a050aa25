import { randomUUID } from 'node:crypto'
import kafkajs, { type KafkaMessage } from 'kafkajs'

// Node sees only the first few names of this CommonJS package.
const { CompressionCodecs, CompressionTypes } = kafkajs

const names = {
  [CompressionTypes.Snappy]: 'snappy',
  [CompressionTypes.LZ4]: 'lz4',
  [CompressionTypes.ZSTD]: 'zstd',
} as const

/** Random, so that no producer can write a message that looks like a mark. */
const markHeader = `picket-unsupported-${randomUUID()}`

/**
 * Without a codec, kafkajs throws while it decodes a fetch, which stops every partition and names neither topic
 * nor partition. So codecs that nobody registered are replaced by one that decodes to marks, and the batch
 * that holds marks arrives like any other: with its topic and partition. Codecs are global in kafkajs.
 */
export function markUnsupportedCodecs(): void {
  for (const type of [CompressionTypes.Snappy, CompressionTypes.LZ4, CompressionTypes.ZSTD] as const) {
    if (isRegistered(type)) continue
    const codec = {
      compress: async () => {
        throw new Error(`no ${names[type]} codec is registered`)
      },
      decompress: async (compressed: Buffer) => marks(recordCount(compressed), names[type]),
    }
    CompressionCodecs[type] = () => codec
  }
}

/** The codec that the message's batch would have needed, when it is a mark. */
export function unsupportedCodec(message: KafkaMessage | undefined): string | undefined {
  const codec = message?.headers?.[markHeader]
  return codec === undefined ? undefined : String(codec)
}

/** Says where and what to do. */
export function unsupportedCodecError(id: string, codec: string, next: number): Error {
  return new Error(
    `Kafka partition ${id} holds messages compressed with ${codec} at or after offset ${next}, and no ${codec} ` +
      'codec is registered: produce with gzip or none, or set compression.type=gzip on the topic',
  )
}

function isRegistered(type: keyof typeof names): boolean {
  try {
    return CompressionCodecs[type]() !== undefined
  } catch {
    return false
  }
}

/** kafkajs decodes as many records as the batch announces, in the four bytes before the compressed ones. */
function recordCount(compressed: Buffer): number {
  if (compressed.byteOffset < 4) throw new Error('a compressed record batch without its record count')
  return new DataView(compressed.buffer, compressed.byteOffset - 4).getInt32(0)
}

/**
 * Records in Kafka's encoding (protocol guide, "Record"). The offset delta is the greatest there is, because
 * kafkajs silently skips records before the fetched offset, and a mark must never be skipped.
 */
function marks(count: number, codec: string): Buffer {
  const body = Buffer.concat([
    Buffer.from([0, 0]), // attributes, timestamp delta
    varint(0x7fffffff),
    Buffer.concat([varint(-1), varint(-1)]), // no key, no value
    varint(1),
    text(markHeader),
    text(codec),
  ])
  const mark = Buffer.concat([varint(body.length), body])
  return Buffer.alloc(mark.length * count, mark)
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
