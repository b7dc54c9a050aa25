import type { Decoded } from '../../core/event/decoder.ts'
import { claimFields } from './claim-names.ts'
import { fieldPairs, type MappedField, snakeNames } from './field-map.ts'
import { isObject, type JsonObject, parseObject } from './json-object.ts'
import { LineFields } from './line-fields.ts'
import { type NormaliseOptions, normaliser } from './normalise.ts'

export interface JsonLogOptions extends NormaliseOptions {
  /** Event field → key in the log, or a dotted path into nested objects: `{ 'principal.id': 'jwt.sub' }`. */
  readonly fields?: Readonly<Record<string, string>> | undefined
  /** Take the client from the n-th entry from the right of `X-Forwarded-For`; 0 (default) takes the peer address. */
  readonly trusted_hops?: number | undefined
}

/** Values of a line that a dialect judges itself. */
export type DialectValue = 'marker' | 'details' | 'flags' | 'request_line' | 'user'
export type DialectValues = { [V in DialectValue]?: unknown }

/** What a key tells: a field (the lowest rank wins), JWT claims, or something that the dialect judges. */
export type KeyMeaning =
  | { readonly kind: 'field'; readonly field: MappedField; readonly rank: number }
  | { readonly kind: 'claims' }
  | { readonly kind: 'dialect'; readonly value: DialectValue }

/** How one gateway names the keys of its JSON log. */
export interface JsonLogDialect {
  /** A key as the gateway or its operator spells it, to the name used in `meanings`. */
  plainName(key: string): string
  readonly meanings: ReadonlyMap<string, KeyMeaning>
  /** Event fields that are never taken from a key of their name, because they need proof. */
  readonly withheld: ReadonlySet<MappedField>
  /** Adds constants and judges what the line claims, before the event is finished. */
  complete(fields: LineFields, values: DialectValues): void
  /** Reads times that are neither numbers nor ISO 8601. */
  parseTime?(text: string): number | undefined
}

export function fieldMeaning(field: MappedField, rank = 0): KeyMeaning {
  return { kind: 'field', field, rank }
}

/** Claims whose bare name means nothing else in an access log. */
const registered = new Set(['sub', 'jti', 'iss', 'aud', 'iat', 'exp'])

/** Keys remembered with their meaning; operators choose them, so a log has some twenty. */
const keysMax = 1024
/** Ranks: configured keys before the gateway's own, those before generic names, claims in nested objects last. */
const configuredRank = -1
const genericRank = 5
const claimRank = 6

/** What a key means in a dialect: the dialect's word first, then canonical names, then JWT claims. */
export function keyMeaning(dialect: JsonLogDialect, key: string): KeyMeaning | undefined {
  const name = dialect.plainName(key)
  const own = dialect.meanings.get(name)
  if (own) return own
  const claim =
    name.startsWith('jwt_') || registered.has(name) ? claimFields.get(name.replace(/^jwt_/, '')) : undefined
  const field = snakeNames.get(key) ?? snakeNames.get(name) ?? claim
  return field === undefined || dialect.withheld.has(field) ? undefined : fieldMeaning(field, genericRank)
}

/** A decoder for JSON access logs of one dialect. Throws when `fields` names what is no event field. */
export function jsonLogDecoder(dialect: JsonLogDialect, options: JsonLogOptions = {}) {
  const normalise = normaliser(options)
  const pairs = fieldPairs(options.fields).map(([key, field]) => ({ path: key.split('.'), field }))
  const trustedHops = options.trusted_hops ?? 0
  const meanings = new Map<string, KeyMeaning | undefined>()
  const fields = new LineFields()

  function meaningOf(key: string): KeyMeaning | undefined {
    if (meanings.has(key)) return meanings.get(key)
    const meaning = keyMeaning(dialect, key)
    if (meanings.size < keysMax) meanings.set(key, meaning)
    return meaning
  }

  return function decodeJsonLog(line: Uint8Array): Decoded {
    const parsed = parseObject(line)
    if (parsed.outcome !== 'object') return parsed
    fields.begin()
    const values: DialectValues = {}
    for (const key of Object.keys(parsed.object)) {
      const meaning = meaningOf(key)
      const value = parsed.object[key]
      if (meaning?.kind === 'field') fields.take(meaning.field, value, meaning.rank)
      else if (meaning?.kind === 'claims') takeClaims(value, fields)
      else if (meaning?.kind === 'dialect' && value !== null && value !== '-') values[meaning.value] = value
    }
    for (const { path, field } of pairs) fields.take(field, valueAt(parsed.object, path), configuredRank)
    dialect.complete(fields, values)
    const time = fields.time(dialect.parseTime)
    if (typeof time !== 'number') return time
    return { outcome: 'event', event: fields.finish(time, trustedHops, normalise) }
  }
}

/** Claims of an object, or of the objects in it: `jwt_authn` metadata nests them under the provider's name. */
function takeClaims(value: unknown, fields: LineFields, depth = 0): void {
  const claims = typeof value === 'string' ? parsedText(value) : value
  if (!isObject(claims)) return
  for (const key of Object.keys(claims)) {
    const field = claimFields.get(key)
    if (field !== undefined) fields.take(field, claims[key], claimRank)
    else if (depth < 2 && isObject(claims[key])) takeClaims(claims[key], fields, depth + 1)
  }
}

/** The object of JSON text, as gateways write metadata into text logs. */
export function parsedText(text: string): JsonObject | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The value at a dotted path, where any key on the way may itself hold dots. Own properties only. */
export function valueAt(object: JsonObject, path: readonly string[]): unknown {
  for (let length = path.length; length > 0; length--) {
    const key = path.slice(0, length).join('.')
    if (!Object.hasOwn(object, key)) continue
    const value = object[key]
    if (length === path.length) return value
    const found = isObject(value) ? valueAt(value, path.slice(length)) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

/** How surely a line is of a dialect: its own key names count, the general ones little. */
export function jsonLogConfidence(
  line: string,
  dialect: JsonLogDialect,
  distinct: ReadonlySet<string>,
): number {
  const parsed = parseObject(Buffer.from(line))
  if (parsed.outcome !== 'object') return 0
  const keys = Object.keys(parsed.object)
  const meanings = keys.map((key) => keyMeaning(dialect, key))
  if (!meanings.some((meaning) => meaning?.kind === 'field' && meaning.field === 'time')) return 0
  const own = keys.filter((key) => distinct.has(dialect.plainName(key))).length
  if (own > 0) return own > 1 ? 0.98 : 0.85
  return meanings.filter((meaning) => meaning !== undefined).length >= 4 ? 0.6 : 0
}
