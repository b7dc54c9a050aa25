import type { RawRecord } from '../../../core/ports/source.ts'
import { recordBytesMax, truncatedBytes } from './record-limits.ts'

const lf = 0x0a
const cr = 0x0d
const byteOrderMark = [0xef, 0xbb, 0xbf] as const

/**
 * Cuts a byte stream into lines, whatever the chunks: LF ends a line, a CR before it is dropped, so is a byte
 * order mark at offset 0. Empty lines are no records. A line of more than `recordBytesMax` bytes (before its LF)
 * gives its first `truncatedBytes` and is never buffered beyond the limit. Offsets are those of the line's start.
 */
export class LineSplitter {
  /** Offset where the unfinished line starts. */
  #lineStart: number
  /** What earlier chunks held of the unfinished line: all of it, or its start when it is over the limit. */
  #kept: Uint8Array[] = []
  #keptBytes = 0
  #isOverLimit = false

  constructor(offset: number) {
    this.#lineStart = offset
  }

  /** Offset to resume from: everything before it was given out. */
  get next(): number {
    return this.#lineStart
  }

  /** The lines that end in the chunk. They lie in it, so they live as long as it does. */
  push(chunk: Buffer): RawRecord[] {
    const records: RawRecord[] = []
    let from = 0
    for (let end = chunk.indexOf(lf); end !== -1; end = chunk.indexOf(lf, from)) {
      this.#take(chunk, from, end, records)
      this.#lineStart += 1
      from = end + 1
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from))
    return records
  }

  /** The last line, which no LF ended. Call when nothing more can come. */
  end(): RawRecord[] {
    const records: RawRecord[] = []
    this.#take(new Uint8Array(0), 0, 0, records)
    return records
  }

  /** Adds the line whose last part is in the chunk. */
  #take(chunk: Uint8Array, from: number, to: number, records: RawRecord[]): void {
    const offset = this.#lineStart
    const length = this.#keptBytes + to - from
    const truncated = this.#isOverLimit || length > recordBytesMax
    const isWhole = this.#keptBytes === 0
    const bytes = isWhole ? chunk : Buffer.concat([...this.#kept, chunk.subarray(from, to)])
    this.#lineStart += length
    this.#kept = []
    this.#keptBytes = 0
    this.#isOverLimit = false
    const first = isWhole ? from : 0
    const last = isWhole ? to : bytes.length
    const start = offset === 0 && hasMark(bytes, first, last) ? first + byteOrderMark.length : first
    const end = truncated ? first + truncatedBytes : last > first && bytes[last - 1] === cr ? last - 1 : last
    if (end > start)
      records.push(truncated ? { bytes, start, end, offset, truncated } : { bytes, start, end, offset })
  }

  /** Copies, because the reader reuses its chunk. */
  #keep(part: Uint8Array): void {
    this.#keptBytes += part.length
    if (this.#isOverLimit) return
    this.#kept.push(Uint8Array.from(part))
    if (this.#keptBytes <= recordBytesMax) return
    this.#kept = [Uint8Array.from(Buffer.concat(this.#kept).subarray(0, truncatedBytes))]
    this.#isOverLimit = true
  }
}

function hasMark(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start >= byteOrderMark.length && byteOrderMark.every((byte, index) => bytes[start + index] === byte)
  )
}
