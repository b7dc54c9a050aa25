import type { Decoded } from '../../../core/event/decoder.ts'
import type { EventRecord } from '../../../core/event/event-record.ts'
import { fieldPairs, type MappedField, snakeNames } from '../field-map.ts'
import { boundedText, refused, timeInvalid } from '../json-object.ts'
import { LineFields } from '../line-fields.ts'
import { logTimeReader } from '../log-time.ts'
import { neededPlaces } from '../needed.ts'
import { ownText } from '../own-text.ts'
import { type PathOptions, PathReader } from '../path-facts.ts'
import { takeRequestLine } from '../request-line.ts'
import { cutLogLine, type Extra, type LogLine } from './log-line.ts'

export interface CombinedOptions extends PathOptions {
  /**
   * What the fields after the combined part tell: a list by position (`['latency_s', 'principal.id']`, `-` leaves one
   * out), or a map from the key of `key=value` extras, or from a position, to the event field.
   */
  readonly fields?: Readonly<Record<string, string>> | readonly string[] | undefined
  /** Take the client from the n-th entry from the right of a field mapped to `x_forwarded_for`. */
  readonly trusted_hops?: number | undefined
}

/** Keys of `key=value` extras that need no mapping, beside the event fields' own names. */
const usualKeys: ReadonlyMap<string, MappedField> = new Map<string, MappedField>([
  ['rt', 'latency_s'],
  ['request_time', 'latency_s'],
  ['sub', 'principal.id'],
  ['jti', 'token.jti'],
  ['iss', 'token.iss'],
  ['aud', 'token.aud'],
  ['iat', 'token.iat'],
  ['exp', 'token.exp'],
  ['kid', 'token.kid'],
  ['request_id', 'id'],
  ['ja3', 'client.ja4'],
  ['ja4', 'client.ja4'],
])

/**
 * Decodes common and combined logs by cutting the line's text: what a line means is what this makes of it. All fields
 * are filled in. Throws when `fields` names what is no event field.
 */
export function combinedParser(
  options: CombinedOptions = {},
): (line: Uint8Array, event: EventRecord) => Decoded {
  const readTime = logTimeReader()
  const trustedHops = options.trusted_hops ?? 0
  const fields = new LineFields({ paths: new PathReader(options), trustedHops, needed: neededPlaces() })
  const extraFields = new ExtraFields(options)

  return function parseCombined(line, event) {
    const bounded = boundedText(line)
    if (bounded.outcome !== 'text') return bounded.decoded
    const cut = cutLogLine(bounded.text)
    if (!cut) return refused('not_parsable', 'expected host ident user [time] "request" status bytes')
    const time = readTime(cut.time)
    if (time === undefined) return timeInvalid(cut.time)
    fields.begin(event)
    takeLine(cut, fields)
    for (const [position, extra] of cut.extras.entries()) extraFields.take(extra, position, fields)
    fields.takeUser(ownText(cut.user))
    fields.finish(time)
    return 'event'
  }
}

function takeLine(cut: LogLine, fields: LineFields): void {
  fields.takeKnown('vantage', 'edge', 10)
  fields.take('client.ip', ownText(cut.client))
  fields.take('host', cut.virtualHost)
  fields.take('status', cut.status)
  fields.take('bytes_out', cut.bytes)
  takeRequestLine(cut.request, fields)
  if (cut.userAgent !== undefined) fields.take('client.user_agent', ownText(cut.userAgent))
}

/** The fields that stand after the combined part. */
export class ExtraFields {
  readonly #configured: ReadonlyMap<string, MappedField>

  /** Throws when `fields` names what is no event field. */
  constructor({ fields }: CombinedOptions) {
    this.#configured = new Map(fieldPairs(fields))
  }

  take({ key, value }: Extra, position: number, fields: LineFields): void {
    const field = this.fieldOf(key, position)
    if (field === undefined) return
    fields.take(inSeconds(field, value) ? 'latency_s' : field, ownText(value), this.rankOf(key, position))
  }

  /** Configured ones come first. */
  rankOf(key: string | undefined, position: number): number {
    return this.#configured.has(key ?? String(position)) ? -1 : 1
  }

  /** Where an extra goes to. */
  fieldOf(key: string | undefined, position: number): MappedField | undefined {
    const configured = this.#configured.get(key ?? String(position))
    const field = configured ?? (key === undefined ? undefined : (usualKeys.get(key) ?? snakeNames.get(key)))
    if (field === 'enforced_by') return undefined
    // Time and address stand in the line itself; only configuration may say that an extra knows better.
    return configured === undefined && (field === 'time' || field === 'client.ip') ? undefined : field
  }
}

/** nginx writes `$request_time` in seconds with three decimals, whatever the operator calls the field. */
function inSeconds(field: MappedField, value: string): boolean {
  return field === 'latency_ms' && /^\d+\.\d{3}$/.test(value)
}
