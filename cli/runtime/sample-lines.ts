import type { RawRecord, Source } from '../../core/ports/source.ts'
import { recordBytes } from '../../core/ports/source.ts'
import { sourcesOf } from './recorded-sources.ts'

/** The first lines of an input, each a copy. */
export interface SampledInput {
  /** Path, or `stdin`. */
  readonly input: string
  readonly lines: readonly SampledLine[]
}

export interface SampledLine {
  /** From 1, among the lines that are not blank. */
  readonly number: number
  /** Where it starts, in bytes of the decompressed input: the offset of its position. */
  readonly offset: number
  readonly bytes: Uint8Array
  /** Longer than records may be: only its start is here. */
  readonly truncated: boolean
}

/**
 * The first lines of each input that are not blank, read as `picket replay` reads them; what follows is not waited for.
 * Rejects when an input can't be read.
 */
export async function sampleLines(inputs: readonly string[], linesMax: number): Promise<SampledInput[]> {
  const sampled: SampledInput[] = []
  for (const input of new Set(inputs)) {
    for (const source of sourcesOf([input]))
      sampled.push({ input, lines: await firstLines(source, linesMax) })
  }
  return sampled
}

async function firstLines(source: Source, linesMax: number): Promise<SampledLine[]> {
  const lines: SampledLine[] = []
  const reading = new AbortController()
  try {
    for await (const batch of source.read(new Map(), reading.signal)) {
      if (batch.kind !== 'records') continue
      for (const record of batch.records) {
        if (lines.length === linesMax) return lines
        if (!isBlank(record)) {
          const bytes = Uint8Array.from(recordBytes(record))
          const number = lines.length + 1
          lines.push({ number, offset: record.offset, bytes, truncated: record.truncated === true })
        }
      }
      if (lines.length === linesMax) return lines
    }
  } finally {
    reading.abort()
  }
  return lines
}

function isBlank(record: RawRecord): boolean {
  return Buffer.from(recordBytes(record)).toString('latin1').trim() === ''
}
