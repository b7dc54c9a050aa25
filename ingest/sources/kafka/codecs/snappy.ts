import { uncompress } from 'snappyjs'
import { batchBytesMax, TooLargeError } from './output-limit.ts'

/** Begins what Java clients write: snappy-java's stream of blocks (`SnappyCodec`). */
const streamMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
/** The magic, and two versions of four bytes. */
const streamHeaderBytes = 16

/** Snappy as Kafka has it: a raw block, or the blocks of a stream, each behind its length. */
export function unsnap(compressed: Buffer): Buffer {
  if (!compressed.subarray(0, streamMagic.length).equals(streamMagic)) return block(compressed, batchBytesMax)
  const blocks: Buffer[] = []
  let room = batchBytesMax
  for (let at = streamHeaderBytes; at < compressed.length; ) {
    const end = at + 4 + compressed.readUInt32BE(at)
    if (end > compressed.length) throw new Error('the snappy stream ends inside a block')
    const plain = block(compressed.subarray(at + 4, end), room)
    blocks.push(plain)
    room -= plain.length
    at = end
  }
  return Buffer.concat(blocks)
}

function block(compressed: Buffer, room: number): Buffer {
  if (lengthOf(compressed) > room) throw new TooLargeError()
  return uncompress(compressed, room)
}

/** A block begins with its length as a varint of 32 bits. */
function lengthOf(compressed: Buffer): number {
  let length = 0
  for (let place = 0; place < 5; place++) {
    const byte = compressed[place] ?? 0
    length += (byte & 0x7f) * 2 ** (7 * place)
    if (byte < 0x80) break
  }
  return length
}
