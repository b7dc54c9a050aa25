import type { Decoded, Format } from '../../../core/event/decoder.ts'
import { fieldPairs, type MappedField, snakeNames } from '../field-map.ts'
import { boundedText, refused, timeInvalid } from '../json-object.ts'
import { LineFields } from '../line-fields.ts'
import { logTime, logTimeReader } from '../log-time.ts'
import { type NormaliseOptions, normaliser } from '../normalise.ts'
import { ownText } from '../own-text.ts'
import { takeRequestLine } from '../request-line.ts'
import { cutLogLine, type Extra, type LogLine } from './log-line.ts'

export interface CombinedOptions extends NormaliseOptions {
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

/** Common and combined logs of nginx and Apache, with virtual host or syslog header, and extra fields. */
export const combined: Format<CombinedOptions> = {
  id: 'combined',
  summary: 'nginx or Apache access log, common or combined, with optional extra fields.',
  confidence(line) {
    const cut = cutLogLine(line)
    if (!cut || logTime(cut.time) === undefined) return 0
    return cut.userAgent === undefined ? 0.9 : 0.95
  },
  open(options) {
    const normalise = normaliser(options)
    const readTime = logTimeReader()
    const fields = new LineFields()
    const mapped = new Map<string, MappedField>(fieldPairs(options?.fields))
    const trustedHops = options?.trusted_hops ?? 0

    return function decodeCombined(line): Decoded {
      const text = boundedText(line)
      if (typeof text !== 'string') return text
      const cut = cutLogLine(text)
      if (!cut) return refused('not_parsable', 'expected host ident user [time] "request" status bytes')
      const time = readTime(cut.time)
      if (time === undefined) return timeInvalid(cut.time)
      fields.begin()
      takeLine(cut, fields)
      for (const [position, extra] of cut.extras.entries()) takeExtra(extra, position, mapped, fields)
      fields.takeUser(ownText(cut.user))
      return { outcome: 'event', event: fields.finish(time, trustedHops, normalise) }
    }
  },
}

function takeLine(cut: LogLine, fields: LineFields): void {
  fields.take('vantage', 'edge', 10)
  fields.take('client.ip', cut.client)
  fields.take('host', cut.virtualHost)
  fields.take('status', cut.status)
  fields.take('bytes_out', cut.bytes)
  takeRequestLine(cut.request, fields)
  if (cut.userAgent !== undefined) fields.take('client.user_agent', ownText(cut.userAgent))
}

function takeExtra(
  extra: Extra,
  position: number,
  mapped: ReadonlyMap<string, MappedField>,
  fields: LineFields,
): void {
  const { key, value } = extra
  const configured = mapped.get(key ?? String(position))
  const field = configured ?? (key === undefined ? undefined : (usualKeys.get(key) ?? snakeNames.get(key)))
  // Time and address stand in the line itself; only configuration may say that an extra knows better.
  if (field === undefined || field === 'enforced_by') return
  if (configured === undefined && (field === 'time' || field === 'client.ip')) return
  fields.take(
    inSeconds(field, value) ? 'latency_s' : field,
    ownText(value),
    configured === undefined ? 1 : -1,
  )
}

/** nginx writes `$request_time` in seconds with three decimals, whatever the operator calls the field. */
function inSeconds(field: MappedField, value: string): boolean {
  return field === 'latency_ms' && /^\d+\.\d{3}$/.test(value)
}
