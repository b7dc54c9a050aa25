import type { Refused } from '../../core/event/decoder.ts'
import type { EventField } from '../../core/event/event-fields.ts'
import { EventRecord } from '../../core/event/event-record.ts'
import { BoundedCache } from './bounded-cache.ts'
import type { MappedField } from './field-map.ts'
import { fieldValue, type Value } from './field-value.ts'
import { forwardedFor } from './forwarded-for.ts'
import { anyInstant } from './instant.ts'
import { refused, timeInvalid } from './json-object.ts'
import { normalise } from './normalise.ts'
import { ownText } from './own-text.ts'
import type { PathFacts, PathReader } from './path-facts.ts'
import { fieldPlaces, placeNames, placeOf } from './places.ts'
import { spelled } from './spelling.ts'

/** Lines are told apart in 23 bits. */
const linesMax = 2 ** 23 - 1
const placesOf = {
  time: placeOf('time'),
  path: placeOf('path'),
  forwarded: placeOf('x_forwarded_for'),
  client: placeOf('client.ip'),
}
/** 1 for places that are fields and nothing else. */
const isPlain = Uint8Array.from(placeNames, (name, place) =>
  place < fieldPlaces && name !== 'path' && name !== 'time' && name !== 'latency_ms' ? 1 : 0,
)
/** Paths remembered with what they tell, short ones only: an attacker who asks for new ones gains a little time, no memory. */
const pathsMax = 4096
const rememberedPathLengthMax = 128

/** Of the user of HTTP Basic: others know better who it was. */
export const userRank = 7

export interface LineFieldsOptions {
  readonly paths: PathReader
  /** Take the client from the n-th entry from the right of `X-Forwarded-For`; 0 takes the peer address. */
  readonly trustedHops: number
  /** For each place, 1 when it is needed. */
  readonly needed: Uint8Array
}

/**
 * Collects the fields of a gateway log line, one line at a time, where several keys may tell the same field: the lowest
 * rank wins, and among equals the later key. `-`, empty text and null are absent, as gateways write them.
 */
export class LineFields {
  /** The fields hang on an order that tokens do not show. */
  isDoubtful = false
  readonly #options: LineFieldsOptions
  /** By place, the line in which it was last taken, and the rank in the lowest 8 bits. */
  readonly #taken = new Int32Array(placeNames.length)
  #line = 0
  readonly #paths = new BoundedCache<PathFacts>(pathsMax)
  #event = new EventRecord()
  #target: PathFacts | undefined
  #time: unknown
  #client: string | undefined
  #clientHint = 0
  #latencyPlace = -1

  constructor(options: LineFieldsOptions) {
    this.#options = options
  }

  /** Forgets the last line; from now on fields go to this event. */
  begin(event: EventRecord): void {
    event.clear()
    this.#event = event
    if (this.#line === linesMax) {
      this.#taken.fill(0)
      this.#line = 0
    }
    this.#line++
    this.#target = undefined
    this.#time = undefined
    this.#client = undefined
    this.#latencyPlace = -1
    this.isDoubtful = false
  }

  take(field: MappedField, value: unknown, rank = 0): void {
    if (value === undefined) return
    const place = placeOf(field)
    if (this.#options.needed[place] !== 1 || !this.isOpen(place, rank)) return
    const told = place === placesOf.path ? this.#factsOf(value) : this.convert(place, value)
    if (told !== undefined) this.put(place, told, rank)
  }

  /** Takes a value that is known to be one of the field, such as a constant of the format. */
  takeKnown(field: EventField, value: string, rank: number): void {
    const place = placeOf(field)
    if (this.#options.needed[place] === 1 && this.isOpen(place, rank)) this.put(place, value, rank)
  }

  /** Whether a value of that rank would be taken, in a place that is needed. */
  isOpen(place: number, rank: number): boolean {
    const taken = this.#taken[place] as number
    return taken >> 8 !== this.#line || rank + 128 <= (taken & 0xff)
  }

  /** Takes what `convert` gave; the hint is one for `EventRecord.hints`. */
  put(place: number, told: unknown, rank: number, hint = 0): void {
    this.#taken[place] = (this.#line << 8) | (rank + 128)
    if (isPlain[place] === 1) {
      this.#event.set(place, told)
      this.#event.hints[place] = hint
    } else if (place === placesOf.path) this.#target = told as PathFacts
    else if (place === placesOf.time) this.#time = told
    else if (place === placesOf.forwarded) {
      this.#client = (told as { readonly client?: string }).client
      this.#clientHint = hint
    } else {
      // Another key tells the latency in another unit: then the later one counts.
      if (this.#latencyPlace >= 0 && this.#latencyPlace !== place) this.isDoubtful = true
      this.#latencyPlace = place
      this.#event.latency_ms = told as number
    }
  }

  /** What a value tells in a place, spelled. A pure function. */
  readonly convert = (place: number, value: unknown): unknown => {
    if (value === '-' || value === '' || value === null || value === undefined) return undefined
    if (place === placesOf.time) return value
    if (place === placesOf.forwarded) return this.#forwarded(value)
    const field = placeNames[place] as Exclude<MappedField, 'x_forwarded_for'>
    const checked = converted(field, value)
    if (checked === undefined) return undefined
    if (place === placesOf.path) return this.#options.paths.read(checked as string)
    return isOtherUnit(field) ? checked : spelled(field, checked)
  }

  /** What a path tells, remembered: those who call `convert` themselves remember by other means. */
  #factsOf(target: unknown): unknown {
    if (typeof target !== 'string' || target.length > rememberedPathLengthMax)
      return this.convert(placesOf.path, target)
    const known = this.#paths.get(target)
    if (known !== undefined) return known
    const facts = this.convert(placesOf.path, target) as PathFacts | undefined
    if (facts !== undefined) this.#paths.set(target, facts)
    return facts
  }

  /** The client that a trusted hop wrote into the list, if there is one. */
  #forwarded(list: unknown): { readonly client?: Value | null } {
    const { trustedHops } = this.#options
    const client = trustedHops > 0 && typeof list === 'string' ? forwardedFor(list, trustedHops) : undefined
    return client === undefined ? {} : { client: spelled('client.ip', ownText(client.slice(0, 64))) }
  }

  /**
   * The user of HTTP Basic. The log names whoever was tried, so where authentication was refused (401, 407) the name
   * proves nothing and is left out.
   */
  takeUser(user: unknown): void {
    if (!this.isRefusedLogin) this.take('principal.id', user, userRank)
  }

  /** Whether the answer says that authentication failed: then no name in the line is proven. */
  get isRefusedLogin(): boolean {
    const { status } = this.#event
    return status === 401 || status === 407
  }

  /** Takes back what a key of that rank or a later one told of a field, because the rest of the line disproves it. */
  withdraw(field: EventField, rank: number): void {
    const place = placeOf(field)
    const taken = this.#taken[place] as number
    if (isPlain[place] !== 1 || taken >> 8 !== this.#line || (taken & 0xff) < rank + 128) return
    this.#taken[place] = 0
    this.#event.set(place, undefined)
  }

  /** Whether a key told the field. */
  isTold(field: EventField): boolean {
    return (this.#taken[placeOf(field)] as number) >> 8 === this.#line
  }

  /** When it happened: seconds or milliseconds by size, or ISO 8601; `parse` reads what else a gateway writes. */
  time(parse?: (text: string) => number | undefined): number | Refused {
    if (this.#time === undefined)
      return refused('time_missing', 'time: no key of the line tells when it happened')
    const time = anyInstant(this.#time) ?? (typeof this.#time === 'string' ? parse?.(this.#time) : undefined)
    return time ?? timeInvalid(this.#time)
  }

  /** Finishes the event. */
  finish(time: number): void {
    const event = this.#event
    event.time = time
    if (this.#client !== undefined) {
      event['client.ip'] = this.#client
      event.hints[placesOf.client] = this.#clientHint
    }
    normalise(event, this.#target)
  }
}

function converted(field: Exclude<MappedField, 'x_forwarded_for'>, value: unknown): Value | undefined {
  if (field === 'trace') return traceId(value)
  if (!isOtherUnit(field)) return fieldValue(field, listValue(field, value))
  const number = fieldValue('latency_ms', value)
  // Rounded to whole microseconds, so that 0.005 s is 5 ms and not 5.000000000000001.
  return typeof number === 'number' ? Math.round(number * microseconds[field]) / 1000 : undefined
}

/** Units of latency that become `latency_ms`, in microseconds. */
const microseconds = { latency_s: 1e6, latency_us: 1, latency_ns: 1e-3 } as const

function isOtherUnit(field: MappedField): field is keyof typeof microseconds {
  return Object.hasOwn(microseconds, field)
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
  const id = parts?.[1]
  return fieldValue('trace', id === undefined ? value : ownText(id).toLowerCase())
}
