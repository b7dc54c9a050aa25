import type { Refused } from '../../core/event/decoder.ts'
import { claimFields } from './claim-names.ts'
import type { DialectValues } from './dialect-values.ts'
import { type MappedField, snakeNames } from './field-map.ts'
import { parseObject } from './json-object.ts'
import type { LineFields } from './line-fields.ts'
import type { DialectValue } from './places.ts'

/** What a nested key tells: a field (the lowest rank wins), or something that the dialect judges. */
export type NestedMeaning =
  | { readonly kind: 'field'; readonly field: MappedField; readonly rank: number }
  | { readonly kind: 'dialect'; readonly value: DialectValue }

/** What a key tells: the same, or JWT claims in an object. */
export type KeyMeaning = NestedMeaning | { readonly kind: 'claims' }

/** How one gateway names the keys of its JSON log. */
export interface JsonLogDialect {
  /** A key as the gateway or its operator spells it, to the name used in `meanings`. */
  plainName(key: string): string
  readonly meanings: ReadonlyMap<string, KeyMeaning>
  /**
   * Keys in objects by their dotted paths, spelled exactly. No other key may tell the same field at the same rank, nor the
   * same value that the dialect judges: which of the two comes later in a line must not matter.
   */
  readonly nested?: ReadonlyMap<string, NestedMeaning>
  /** Adds constants and judges what the line claims, before the event is finished. */
  complete(fields: LineFields, values: DialectValues): void
  /** Whether `complete` looks into an object that is the marker. */
  readsMarker?(values: DialectValues): boolean
  /** Reads times that are neither numbers nor ISO 8601. */
  parseTime?(text: string): number | undefined
  /** Why a line is none that the dialect reads, whatever else it holds. */
  refusal?(values: DialectValues): Refused | undefined
}

export function fieldMeaning(field: MappedField, rank = 0): NestedMeaning {
  return { kind: 'field', field, rank }
}

export function dialectMeaning(value: DialectValue): NestedMeaning {
  return { kind: 'dialect', value }
}

/** Never taken from a key of its name: a mark of our own refusals needs proof, which a dialect's `complete` may have. */
const withheld: MappedField = 'enforced_by'

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
  return field === undefined || field === withheld ? undefined : fieldMeaning(field, genericRank)
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
  if (!meanings.some(tellsTime)) return 0
  const own = keys.filter((key) => distinct.has(dialect.plainName(key))).length
  if (own > 0) return own > 1 ? 0.98 : 0.85
  return meanings.filter((meaning) => meaning !== undefined).length >= 4 ? 0.6 : 0
}

function tellsTime(meaning: KeyMeaning | undefined): boolean {
  if (meaning?.kind === 'field') return meaning.field === 'time'
  return meaning?.kind === 'dialect' && meaning.value === 'date'
}
