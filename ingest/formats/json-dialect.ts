import { claimFields } from './claim-names.ts'
import { type MappedField, snakeNames } from './field-map.ts'
import { parseObject } from './json-object.ts'
import type { LineFields } from './line-fields.ts'
import type { DialectValue } from './places.ts'

/** Values of a line that its dialect judges itself; used again for the next line. */
export class DialectValues implements Record<DialectValue, unknown> {
  marker: unknown = undefined
  details: unknown = undefined
  flags: unknown = undefined
  request_line: unknown = undefined
  user: unknown = undefined

  clear(): void {
    this.marker = undefined
    this.details = undefined
    this.flags = undefined
    this.request_line = undefined
    this.user = undefined
  }
}

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
  /** Whether `complete` looks into an object that is the marker. */
  readsMarker?(values: DialectValues): boolean
  /** Reads times that are neither numbers nor ISO 8601. */
  parseTime?(text: string): number | undefined
}

export function fieldMeaning(field: MappedField, rank = 0): KeyMeaning {
  return { kind: 'field', field, rank }
}

/** Claims whose bare name means nothing else in an access log. */
const registered = new Set(['sub', 'jti', 'iss', 'aud', 'iat', 'exp'])

/** Ranks: configured keys before the gateway's own, those before generic names, claims in nested objects last. */
export const configuredRank = -1
const genericRank = 5
export const claimRank = 6

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
