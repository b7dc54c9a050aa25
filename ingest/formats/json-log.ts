import type { Decoded, Refused } from '../../core/event/decoder.ts'
import type { EventRecord } from '../../core/event/event-record.ts'
import { claimFields } from './claim-names.ts'
import { DialectValues } from './dialect-values.ts'
import { fieldPairs } from './field-map.ts'
import {
  claimRank,
  configuredRank,
  type JsonLogDialect,
  type KeyMeaning,
  keyMeaning,
  type NestedMeaning,
} from './json-dialect.ts'
import { isObject, type JsonObject, parseObject } from './json-object.ts'
import { keyLengthMax } from './limits.ts'
import { LineFields } from './line-fields.ts'
import { neededPlaces } from './needed.ts'
import { type PathOptions, PathReader } from './path-facts.ts'
import type { DialectValue } from './places.ts'

export interface JsonLogOptions extends PathOptions {
  /** Event field → key in the log, or a dotted path into nested objects: `{ 'principal.id': 'jwt.sub' }`. */
  readonly fields?: Readonly<Record<string, string>> | undefined
  /** Take the client from the n-th entry from the right of `X-Forwarded-For`; 0 (default) takes the peer address. */
  readonly trusted_hops?: number | undefined
}

/** The dotted path of a key, and what it tells. */
export interface LinePath {
  readonly path: readonly string[]
  readonly meaning: NestedMeaning
}

/** Ranks of configured paths are told apart down to here. */
const configuredRankMin = -100

/**
 * The paths of the `fields` option, of which the later wins where two tell a field, and those of the dialect. Throws when
 * the option names what is no event field.
 */
export function linePaths(dialect: JsonLogDialect, options: JsonLogOptions): readonly LinePath[] {
  const configured = fieldPairs(options.fields).map(([key, field], index): LinePath => {
    const rank = Math.max(configuredRankMin, configuredRank - index)
    return { path: key.split('.'), meaning: { kind: 'field', field, rank } }
  })
  const nested = [...(dialect.nested ?? [])].map(([key, meaning]) => ({ path: key.split('.'), meaning }))
  return [...configured, ...nested]
}

/** Keys remembered with their meaning; operators choose them, so a log has some twenty. */
const keysMax = 1024

/**
 * Decodes JSON access logs of one dialect by parsing the line whole: what a line means is what this makes of it. All
 * fields are filled in. Throws when `fields` names what is no event field.
 */
export function jsonLogParser(
  dialect: JsonLogDialect,
  options: JsonLogOptions = {},
): (line: Uint8Array, event: EventRecord) => Decoded {
  const paths = linePaths(dialect, options)
  const meanings = new Map<string, KeyMeaning | undefined>()
  const trustedHops = options.trusted_hops ?? 0
  const fields = new LineFields({ paths: new PathReader(options), trustedHops, needed: neededPlaces() })

  function meaningOf(key: string): KeyMeaning | undefined {
    if (meanings.has(key)) return meanings.get(key)
    const meaning = keyMeaning(dialect, key)
    if (meanings.size < keysMax && key.length <= keyLengthMax) meanings.set(key, meaning)
    return meaning
  }

  return function parseJsonLog(line, event) {
    const parsed = parseObject(line)
    if (parsed.outcome !== 'object') return parsed.decoded
    fields.begin(event)
    const values = new DialectValues()
    for (const key of Object.keys(parsed.object)) {
      const meaning = meaningOf(key)
      const value = parsed.object[key]
      if (meaning?.kind === 'field') fields.take(meaning.field, value, meaning.rank)
      else if (meaning?.kind === 'claims') takeClaims(value, fields)
      else if (meaning?.kind === 'dialect') note(values, meaning.value, value)
    }
    for (const { path, meaning } of paths) {
      const value = valueAt(parsed.object, path)
      if (meaning.kind === 'field') fields.take(meaning.field, value, meaning.rank)
      else note(values, meaning.value, value)
    }
    dialect.complete(fields, values)
    const refusal = dialect.refusal?.(values)
    if (refusal !== undefined) return refusal
    const time: number | Refused = fields.time(dialect.parseTime)
    if (typeof time !== 'number') return time
    fields.finish(time)
    return 'event'
  }
}

function note(values: DialectValues, name: DialectValue, value: unknown): void {
  if (value !== undefined && value !== null && value !== '-') values[name] = value
}

/** Objects in claims that are looked into: `jwt_authn` metadata nests claims under the provider's name. */
export const claimsDepthMax = 2

/** Claims of an object, or of the objects in it. */
function takeClaims(value: unknown, fields: LineFields, depth = 0): void {
  const claims = typeof value === 'string' ? parsedText(value) : value
  if (!isObject(claims)) return
  for (const key of Object.keys(claims)) {
    const field = claimFields.get(key)
    if (field !== undefined) fields.take(field, claims[key], claimRank)
    else if (depth < claimsDepthMax && isObject(claims[key])) takeClaims(claims[key], fields, depth + 1)
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
