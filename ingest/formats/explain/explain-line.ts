import type { Decode, Refused } from '../../../core/event/decoder.ts'
import type { Event } from '../../../core/event/event.ts'
import { type EventField, eventFieldNames } from '../../../core/event/event-fields.ts'
import type { FormatId } from '../formats.ts'
import { partsOf } from './line-part.ts'
import { decoded, eventOf, isEvent, tellersOf } from './tellers.ts'
import { type Dropped, whyDropped } from './why-dropped.ts'

/** A field of the event, and the key that tells it. */
export interface Mapped {
  /** Absent for what the format itself says, such as the gateway's name. */
  readonly key?: string
  readonly field: EventField
  /** What stands in the line there. */
  readonly source?: unknown
  /** Keys without which the field would be another one as well. */
  readonly beside?: readonly string[]
}

/** What became of a line, and of each of its parts. */
export type Explained =
  | {
      readonly outcome: 'event'
      readonly event: Event
      readonly mapped: readonly Mapped[]
      readonly dropped: readonly Dropped[]
    }
  | { readonly outcome: 'skip' }
  | ({ readonly outcome: 'refused'; readonly keys: readonly string[] } & Refused)

export interface ExplainOptions {
  readonly format: FormatId
  /** Of all fields. */
  readonly decode: Decode
  /** Of a CloudFront log, where configured. */
  readonly columns?: string | undefined
}

/**
 * Tells what a line means by the decoder itself: each part is taken away, and what the event then lacks is what the part
 * told. So what is shown can't differ from what is done. It decodes a line some hundred times, for people who look at a few.
 */
export function explainLine(line: Uint8Array, { format, decode, columns }: ExplainOptions): Explained {
  const text = Buffer.from(line)
    .toString('utf8')
    .replace(/\r?\n$/, '')
  const parts = line.length > 65_536 ? [] : partsOf(format, text, columns)
  const whole = decoded(decode, line)
  if (whole === 'skip') return { outcome: 'skip' }
  if (!isEvent(whole)) return { outcome: 'refused', keys: parts.map(({ key }) => key), ...whole }
  // Rewritten once without a change, so that what is compared differs by the part alone.
  const base = eventOf(decode, parts[0]?.replaced(parts[0].value)) ?? whole
  const telling = tellersOf({ decode, parts, base })
  const { tellers, required } = telling
  const used = new Set([...required, ...[...tellers.values()].flat()])
  const mapped = eventFieldNames.flatMap((field): Mapped[] => {
    if (whole[field] === undefined) return []
    const [part, ...others] = tellers.get(field) ?? []
    if (part === undefined) return [{ field }]
    return [{ key: part.key, field, source: part.value, beside: others.map(({ key }) => key) }]
  })
  const dropped = parts
    .filter((part) => !used.has(part))
    .map((part) => whyDropped(part, { format, base, ...telling, read: (one) => eventOf(decode, one) }))
  return { outcome: 'event', event: whole, mapped, dropped }
}
