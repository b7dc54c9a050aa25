import type { LoadedConfig } from '../../config/load-config.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { eventFieldNames } from '../../core/event/event-fields.ts'
import { EventRecord } from '../../core/event/event-record.ts'
import { detectFormat } from '../../ingest/formats/detect-format.ts'
import { type Explained, explainLine } from '../../ingest/formats/explain/explain-line.ts'
import type { FormatId } from '../../ingest/formats/formats.ts'
import { fixedPublicKey, pseudonymiser } from '../../ingest/privacy/pseudonym.ts'
import { completeEvent } from '../pipeline/complete-event.ts'
import { decoderOpener } from './lanes.ts'
import type { SampledInput } from './sample-lines.ts'

/** A line, and what became of it. */
export interface TriedLine {
  readonly input: string
  readonly number: number
  readonly offset: number
  /** Absent when no format fits the input. */
  readonly format?: FormatId
  readonly explained: Explained
}

/** Reads lines as a lane would: format told or named, decoder of the configuration, names made pseudonyms. */
export function tryLines(
  inputs: readonly SampledInput[],
  { config }: LoadedConfig<Detector>,
  named?: FormatId,
): TriedLine[] {
  const open = decoderOpener(config, new Set(eventFieldNames))
  const privacy = {
    pseudonymise: pseudonymiser(fixedPublicKey),
    pseudonymisePrincipals: config.privacy.principals,
  }
  return inputs.flatMap(({ input, lines, tellers }) => {
    const format = named ?? formatOf(tellers)
    return lines.map(({ number, offset, bytes, truncated }): TriedLine => {
      if (format === undefined) return { input, number, offset, explained: refused('not_parsable', noFormat) }
      const at = { input, number, offset, format }
      if (truncated) return { ...at, explained: refused('too_long', 'the line is longer than 64 KiB') }
      const options = { format, decode: open(format), columns: config.ingest.cloudfront.columns }
      const explained = explainLine(bytes, options)
      if (explained.outcome !== 'event') return { ...at, explained }
      const event = Object.assign(new EventRecord(), explained.event)
      completeEvent(event, { trustsMarks: true }, privacy)
      return { ...at, explained: { ...explained, event } }
    })
  })
}

const noFormat = 'no known format fits the first lines; name it with --format'

function refused(reason: 'not_parsable' | 'too_long', detail: string): Explained {
  return { outcome: 'refused', keys: [], reason, detail }
}

function formatOf(lines: readonly Uint8Array[]): FormatId | undefined {
  const texts = lines.map((bytes) => Buffer.from(bytes).toString('utf8'))
  const detected = detectFormat(texts)
  return detected.outcome === 'detected' ? detected.format : undefined
}
