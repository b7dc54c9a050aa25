import type { Source } from '../../core/ports/source.ts'
import { recordBytes } from '../../core/ports/source.ts'
import { sourcesOf } from './recorded-sources.ts'

/** The first lines of an input, each a copy. */
export interface SampledInput {
  /** Path, or `stdin`. */
  readonly input: string
  readonly lines: readonly SampledLine[]
  /** These lines and some that came with them: what a format is told from, however few were asked for. */
  readonly tellers: readonly Uint8Array[]
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

/** Lines looked at to tell the format, as a lane does. */
const tellersMax = 50
/** Headings that are shown with the lines behind them. */
const headingsMax = 1000

/**
 * The first lines of each input that are not blank, read as `picket replay` reads them; what follows is not waited for. Headings
 * before and between them are there too and don't count. Rejects when an input can't be read.
 */
export async function sampleLines(inputs: readonly string[], linesMax: number): Promise<SampledInput[]> {
  const sampled: SampledInput[] = []
  for (const input of new Set(inputs)) {
    for (const source of sourcesOf([input])) sampled.push({ input, ...(await firstLines(source, linesMax)) })
  }
  return sampled
}

async function firstLines(source: Source, linesMax: number): Promise<Omit<SampledInput, 'input'>> {
  const lines: SampledLine[] = []
  const tellers: Uint8Array[] = []
  const reading = new AbortController()
  let counted = 0
  const isEnough = () => counted === linesMax || lines.length - counted > headingsMax
  try {
    for await (const batch of source.read(new Map(), reading.signal)) {
      if (batch.kind !== 'records') continue
      for (const record of batch.records) {
        if (isEnough() && tellers.length >= tellersMax) break
        const bytes = Uint8Array.from(recordBytes(record))
        if (isBlank(bytes)) continue
        if (tellers.length < tellersMax && !isHeading(bytes)) tellers.push(bytes)
        if (isEnough()) continue
        const number = lines.length + 1
        lines.push({ number, offset: record.offset, bytes, truncated: record.truncated === true })
        if (!isHeading(bytes)) counted++
      }
      if (isEnough()) break
    }
  } finally {
    reading.abort()
  }
  // Headings alone tell it as well, of a log that holds nothing else yet.
  return { lines, tellers: tellers.length > 0 ? tellers : lines.map(({ bytes }) => bytes) }
}

function isBlank(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).toString('latin1').trim() === ''
}

/** Comments, and what W3C's extended logs say about themselves: no record in any format. */
function isHeading(bytes: Uint8Array): boolean {
  return bytes[0] === 0x23
}
