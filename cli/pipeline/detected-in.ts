import { Buffer } from 'node:buffer'
import { type RawRecord, recordBytes } from '../../core/ports/source.ts'
import { detectFormat } from '../../ingest/formats/detect-format.ts'
import type { FormatId } from '../../ingest/formats/formats.ts'

/** Lines looked at to tell the format. */
const sampleLines = 50

/** Looks at one handful of lines after another, because a log may begin with rubbish. */
export function detectedIn(records: readonly RawRecord[]): FormatId | undefined {
  for (let start = 0; start < records.length; start += sampleLines) {
    const lines = records
      .slice(start, start + sampleLines)
      .map((record) => Buffer.from(recordBytes(record)).toString('utf8'))
    const detected = detectFormat(lines)
    if (detected.outcome === 'detected') return detected.format
  }
  return undefined
}
