import lz4 from 'lz4js'
import { batchBytesMax, TooLargeError } from './output-limit.ts'

/** LZ4 Frame Format 1.6: magic number, flags of the descriptor, and the bit of a block that is stored as it is. */
const magic = 0x184d2204
const flags = { contentSize: 0x08, blockChecksum: 0x10, dictionary: 0x01 } as const
const storedBit = 0x80000000

/**
 * An LZ4 frame. lz4js decodes the blocks; the frame is read here, because there its output has no limit, and a block may
 * refer to those before it.
 */
export function unlz4(frame: Buffer): Buffer {
  if (frame.length < 7 || frame.readUInt32LE(0) !== magic) throw new Error('no LZ4 frame')
  const flag = frame.readUInt8(4)
  const blockBytesMax = 2 ** (8 + 2 * ((frame.readUInt8(5) >> 4) & 7))
  if (flag & flags.dictionary || blockBytesMax < 65_536) throw new Error('an LZ4 frame of an unknown kind')
  let at = 7 + (flag & flags.contentSize ? 8 : 0)
  let output: Buffer = Buffer.allocUnsafe(blockBytesMax)
  let length = 0
  for (;;) {
    const header = frame.readUInt32LE(at)
    if (header === 0) return output.subarray(0, length)
    const size = header % storedBit
    at += 4
    if (at + size > frame.length) throw new Error('the LZ4 frame ends inside a block')
    if (length + blockBytesMax > output.length) output = enlarged(output, length, blockBytesMax)
    const end =
      header >= storedBit
        ? length + frame.copy(output, length, at, at + size)
        : lz4.decompressBlock(frame, output, at, size, length)
    if (!(end - length <= blockBytesMax)) throw new Error('an LZ4 block is longer than its frame says')
    length = end
    if (length > batchBytesMax) throw new TooLargeError()
    at += size + (flag & flags.blockChecksum ? 4 : 0)
  }
}

function enlarged(output: Buffer, length: number, blockBytesMax: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.max(output.length * 2, length + blockBytesMax))
  output.copy(larger, 0, 0, length)
  return larger
}
