import type { EventField } from '../../../core/event/event-fields.ts'
import type { EventRecord } from '../../../core/event/event-record.ts'
import { DialectValues } from '../dialect-values.ts'
import { anyInstant, scaledInstant } from '../instant.ts'
import type { JsonLogDialect } from '../json-dialect.ts'
import { type JsonLogOptions, type LinePath, linePaths } from '../json-log.ts'
import { lineBytesMax } from '../limits.ts'
import { LineFields } from '../line-fields.ts'
import { PathReader } from '../path-facts.ts'
import { type DialectValue, dialectValues, listedValues, placeNames, placeOf } from '../places.ts'
import { FieldReader, numberAt, parsedOf, sourceOf, valueAt } from './field-reader.ts'
import { IsoTime } from './iso-time.ts'
import { LineBytes } from './line-bytes.ts'
import { LogKeys } from './log-keys.ts'
import { ObjectReader } from './object-reader.ts'
import { kindIn, kinds, placeIn, rankIn, Tokens, tokenSize } from './tokens.ts'

const timePlace = placeOf('time')
const markerPlace = placeOf('marker')
const dialectPlaces = placeOf(dialectValues[0])
// What this module alone names is part of its compiled code; what others export is looked up each time.
const size = tokenSize
const timeAt = timePlace
const firstDialectPlace = dialectPlaces
/** Paths are told apart in 7 bits. */
const pathsMax = 100
/** Fields whose texts seldom come twice. */
const fresh: readonly EventField[] = ['id', 'object.id', 'webhook.id']

/**
 * Reads JSON access logs straight from their bytes. `read` is false where the bytes leave a doubt, and then the event
 * means nothing; else the event is what parsing the line whole would have given, in the needed fields.
 */
export class LogProjection {
  readonly #dialect: JsonLogDialect
  readonly #line = new LineBytes()
  readonly #tokens = new Tokens()
  readonly #objects = new ObjectReader(this.#line, this.#tokens)
  readonly #isoTime = new IsoTime()
  readonly #paths: readonly LinePath[]
  readonly #keys: LogKeys
  readonly #fields: LineFields
  readonly #reader: FieldReader
  readonly #values = new DialectValues()
  #marker = -1

  constructor(dialect: JsonLogDialect, options: JsonLogOptions, needed: Uint8Array) {
    this.#dialect = dialect
    this.#paths = linePaths(dialect, options)
    this.#keys = new LogKeys(dialect, this.#paths, needed)
    const trustedHops = options.trusted_hops ?? 0
    const fields = new LineFields({ paths: new PathReader(options), trustedHops, needed })
    const convert = (place: number, value: unknown) =>
      place < dialectPlaces ? fields.convert(place, value) : value === '-' ? undefined : value
    this.#fields = fields
    this.#reader = new FieldReader(this.#line, this.#tokens, convert, fresh)
  }

  read(bytes: Uint8Array, start: number, end: number, event: EventRecord): boolean {
    if (end - start > lineBytesMax || this.#paths.length > pathsMax) return false
    this.#line.open(bytes, start, end)
    if (!this.#objects.read(this.#keys.root)) return false
    const dialect = this.#dialect
    const fields = this.#fields
    fields.begin(event)
    const values = this.#values
    values.clear()
    this.#marker = -1
    let time = takeTokens(this, fields, this.#reader)
    if (time === undefined) return false
    if (this.#marker >= 0 && dialect.readsMarker?.(values))
      values.marker = parsedOf(this.#reader, this.#marker)
    dialect.complete(fields, values)
    if (fields.isDoubtful || dialect.refusal?.(values) !== undefined) return false
    if (Number.isNaN(time)) {
      const told = fields.time(dialect.parseTime)
      if (typeof told !== 'number') return false
      time = told
    }
    fields.finish(time)
    return true
  }

  /** Notes a value that the dialect judges. */
  takeDialectValue(token: number, place: number): void {
    const value = valueAt(this.#reader, token)
    if (value === undefined) return
    const name = placeNames[place] as DialectValue
    const kind = kindIn(this.#tokens.ints[token] as number)
    this.#values[name] = kind === kinds.list && listedValues.has(name) ? parsedOf(this.#reader, token) : value
    if (place === markerPlace) this.#marker = kind === kinds.object ? token : -1
  }

  /** The instant that the token tells, NaN when it stands for nothing; `undefined` when it is in doubt. */
  instant(token: number): number | undefined {
    const { ints } = this.#tokens
    if (kindIn(ints[token] as number) === kinds.plain) {
      const time = this.#isoTime.read(this.#line, ints[token + 1] as number, ints[token + 2] as number)
      if (time !== undefined) return time
      const number = numberAt(this.#reader, token)
      if (!Number.isNaN(number)) return scaledInstant(number)
    }
    const value = sourceOf(this.#reader, token)
    if (value === '-' || value === '') return Number.NaN
    return anyInstant(value) ?? (typeof value === 'string' ? this.#dialect.parseTime?.(value) : undefined)
  }
}

/** Takes the line's fields. Gives its time, NaN when no key tells it; `undefined` when it is in doubt. */
function takeTokens(projection: LogProjection, fields: LineFields, reader: FieldReader): number | undefined {
  const { ints, length } = reader.tokens
  let time = Number.NaN
  for (let token = 0; token < length; token = (token + size) | 0) {
    const head = ints[token] as number
    const place = placeIn(head)
    const rank = rankIn(head)
    if (place >= firstDialectPlace) projection.takeDialectValue(token, place)
    else if (!fields.isOpen(place, rank)) continue
    else if (place === timeAt) {
      const told = projection.instant(token)
      if (told === undefined) return undefined
      if (Number.isNaN(told)) continue
      fields.put(place, told, rank)
      time = told
    } else {
      const told = valueAt(reader, token)
      if (told !== undefined) fields.put(place, told, rank, reader.hint)
    }
  }
  return time
}
