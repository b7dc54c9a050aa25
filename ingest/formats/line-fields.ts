import type { Event } from '../../core/event/event.ts'
import { type EventField, eventFieldNames } from '../../core/event/event-fields.ts'
import type { MappedField } from './field-map.ts'
import { type Draft, fieldValue, type Value } from './field-value.ts'
import { forwardedFor } from './forwarded-for.ts'
import { anyInstant } from './instant.ts'
import { type Refused, refused, timeInvalid } from './json-object.ts'
import type { Normalise } from './normalise.ts'

const names: readonly MappedField[] = [...eventFieldNames, 'latency_s', 'latency_us', 'x_forwarded_for']
const places = new Map<MappedField, number>(names.map((name, place) => [name, place]))
const noRank = 127

/**
 * Collects the fields of a gateway log line, one line at a time, where several keys may tell the same field: the lowest rank wins, and
 * among equals the later key. `-`, empty text and null are absent, as gateways write them.
 */
export class LineFields {
  #draft: Draft = {}
  #ranks = new Int8Array(names.length).fill(noRank)
  #forwarded = ''
  #time: unknown

  /** Forgets the last line. */
  begin(): void {
    this.#draft = {}
    this.#ranks.fill(noRank)
    this.#forwarded = ''
    this.#time = undefined
  }

  take(field: MappedField, value: unknown, rank = 0): void {
    if (value === '-' || value === '' || value === null || value === undefined) return
    const place = places.get(field) ?? 0
    if (rank > (this.#ranks[place] ?? noRank)) return
    if (field === 'x_forwarded_for' || field === 'time') {
      this.#ranks[place] = rank
      if (field === 'time') this.#time = value
      else this.#forwarded = typeof value === 'string' ? value : ''
      return
    }
    const checked = converted(field, value)
    if (checked === undefined) return
    this.#ranks[place] = rank
    this.#draft[field === 'latency_s' || field === 'latency_us' ? 'latency_ms' : field] = checked
  }

  /**
   * The user of HTTP Basic. The log names whoever was tried, so where authentication was refused (401, 407) the name
   * proves nothing and is left out.
   */
  takeUser(user: unknown): void {
    const { status } = this.#draft
    if (status !== 401 && status !== 407) this.take('principal.id', user, 7)
  }

  /** When it happened: seconds or milliseconds by size, or ISO 8601; `parse` reads what else a gateway writes. */
  time(parse?: (text: string) => number | undefined): number | Refused {
    if (this.#time === undefined)
      return refused('time_missing', 'time: no key of the line tells when it happened')
    const time = anyInstant(this.#time) ?? (typeof this.#time === 'string' ? parse?.(this.#time) : undefined)
    return time ?? timeInvalid(this.#time)
  }

  /** Finishes the event; with `trustedHops` the client is the entry of `X-Forwarded-For` that a trusted hop wrote. */
  finish(time: number, trustedHops: number, normalise: Normalise): Event {
    const client = trustedHops > 0 ? forwardedFor(this.#forwarded, trustedHops) : undefined
    if (client !== undefined) this.#draft['client.ip'] = client.slice(0, 64)
    return normalise(time, this.#draft)
  }
}

function converted(
  field: Exclude<MappedField, 'x_forwarded_for' | 'time'>,
  value: unknown,
): Value | undefined {
  if (field === 'trace') return traceId(value)
  if (field !== 'latency_s' && field !== 'latency_us') return fieldValue(field, listValue(field, value))
  const number = fieldValue('latency_ms', value)
  // Rounded to whole microseconds, so that 0.005 s is 5 ms and not 5.000000000000001.
  return typeof number === 'number'
    ? Math.round(number * (field === 'latency_s' ? 1e6 : 1)) / 1000
    : undefined
}

/** Lists in text logs come as JSON text: `["a","b"]`. */
function listValue(field: EventField, value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith('[')) return value
  if (field !== 'token.aud' && field !== 'principal.roles' && field !== 'data.classes') return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

/** The trace id out of a W3C `traceparent`, or the text as it is. */
function traceId(value: unknown): Value | undefined {
  const parts = typeof value === 'string' ? /^[0-9a-f]{2}-([0-9a-f]{32})-/i.exec(value) : null
  return fieldValue('trace', parts?.[1]?.toLowerCase() ?? value)
}
