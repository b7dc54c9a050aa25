import { Decompress } from 'fzstd'
import { batchBytesMax, TooLargeError } from './output-limit.ts'

/** Zstandard, block by block, so that the limit holds before the memory is taken. */
export function unzstd(compressed: Buffer): Buffer {
  if (windowOf(compressed) > batchBytesMax) throw new TooLargeError()
  const parts: Uint8Array[] = []
  let length = 0
  const stream = new Decompress((part) => {
    length += part.length
    if (length > batchBytesMax) throw new TooLargeError()
    parts.push(part)
  })
  stream.push(compressed, true)
  return Buffer.concat(parts)
}

/** Bytes that the decoder keeps to look back at, RFC 8878 section 3.1.1.1; fzstd takes them before the first block. */
function windowOf(frame: Buffer): number {
  const descriptor = frame[4] ?? 0
  const isSingleSegment = (descriptor & 0x20) !== 0
  if (!isSingleSegment) {
    const window = frame[5] ?? 0
    const base = 2 ** (10 + (window >> 3))
    return base + (base / 8) * (window & 7)
  }
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  const sizeBytes = 2 ** (descriptor >> 6)
  const at = 5 + dictionaryBytes
  if (frame.length < at + sizeBytes) return 0
  if (sizeBytes === 8) return Number(frame.readBigUInt64LE(at))
  return frame.readUIntLE(at, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
}
