import type { RawRecord } from '../../../core/ports/source.ts'
import { recordBytesMax, truncatedBytes } from '../lines/record-limits.ts'

/** A line that was made here as a record; over the limit only its start is kept, and flagged. */
export function textRecord(line: string, offset: number): RawRecord {
  const bytes = Buffer.from(line)
  if (bytes.length <= recordBytesMax) return { bytes, start: 0, end: bytes.length, offset }
  // A copy, so that the rest can go.
  return {
    bytes: Buffer.from(bytes.subarray(0, truncatedBytes)),
    start: 0,
    end: truncatedBytes,
    offset,
    truncated: true,
  }
}
