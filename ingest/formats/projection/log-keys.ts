import { claimFields } from '../claim-names.ts'
import { claimRank, type JsonLogDialect, keyMeaning } from '../json-dialect.ts'
import { claimsDepthMax, type LinePath } from '../json-log.ts'
import { placeOf } from '../places.ts'
import { KeyTable } from './key-table.ts'
import type { KeyUse, Take } from './key-use.ts'

const rootKeysMax = 1024
const innerKeysMax = 256
/** `JSON.parse` puts such keys before all others. */
const arrayIndex = /^(?:0|[1-9]\d{0,9})$/

/** What a key means by itself: places for its value, or claims inside it. */
interface Meaning {
  readonly takes: readonly Take[]
  readonly claimsDepth?: number
  readonly isDoubtful?: boolean
}
type MeaningOf = (key: string) => Meaning | undefined

/** A path from some object on. */
interface OpenPath extends Take {
  readonly number: number
  readonly rest: readonly string[]
}

/** The key table of a dialect's lines: its own keys, claims in objects, and paths. */
export class LogKeys {
  readonly root: KeyTable
  readonly #dialect: JsonLogDialect
  readonly #needed: Uint8Array
  readonly #claims = new Map<number, KeyTable>()

  constructor(dialect: JsonLogDialect, linePaths: readonly LinePath[], needed: Uint8Array) {
    this.#dialect = dialect
    this.#needed = needed
    const paths = linePaths.flatMap(({ path, meaning }, number) => {
      const place = placeOf(meaning.kind === 'field' ? meaning.field : meaning.value)
      const rank = meaning.kind === 'field' ? meaning.rank : 0
      return this.#isNeeded(place) ? [{ number, rest: path, place, rank }] : []
    })
    this.root = this.#table((key) => this.#ownMeaning(key), paths, rootKeysMax)
  }

  #isNeeded(place: number): boolean {
    return this.#needed[place] === 1
  }

  #ownMeaning(key: string): Meaning | undefined {
    const meaning = keyMeaning(this.#dialect, key)
    if (meaning === undefined) return undefined
    if (meaning.kind === 'claims') return this.#tellsClaims() ? { takes: [], claimsDepth: 0 } : undefined
    const place = placeOf(meaning.kind === 'field' ? meaning.field : meaning.value)
    if (!this.#isNeeded(place)) return undefined
    return { takes: [{ place, rank: meaning.kind === 'field' ? meaning.rank : 0 }] }
  }

  #tellsClaims(): boolean {
    return [...claimFields.values()].some((field) => this.#isNeeded(placeOf(field)))
  }

  #claimMeaning(key: string, depth: number): Meaning | undefined {
    const field = claimFields.get(key)
    if (field !== undefined) {
      return this.#isNeeded(placeOf(field))
        ? { takes: [{ place: placeOf(field), rank: claimRank }] }
        : undefined
    }
    if (depth >= claimsDepthMax) return undefined
    return arrayIndex.test(key) ? { takes: [], isDoubtful: true } : { takes: [], claimsDepth: depth + 1 }
  }

  #table(meaningOf: MeaningOf, paths: readonly OpenPath[], keysMax: number): KeyTable {
    return new KeyTable((key) => this.#use(meaningOf(key), key, paths), keysMax)
  }

  #use(meaning: Meaning | undefined, key: string, paths: readonly OpenPath[]): KeyUse | undefined {
    const continued = paths.flatMap((path) => continuations(path, key))
    const ended = continued.filter(({ rest }) => rest.length === 0)
    const inside = continued.filter(({ rest }) => rest.length > 0)
    const alternatives = paths.filter(({ rest }) => rest.length > 1 && startsWith(rest, key))
    const takes = [...(meaning?.takes ?? []), ...ended]
    const depth = meaning?.claimsDepth
    const inner = depth === undefined && inside.length === 0 ? undefined : this.#inner(depth, inside)
    if (takes.length === 0 && !inner && alternatives.length === 0 && !meaning?.isDoubtful) return undefined
    return {
      takes,
      ...(inner && { inner }),
      ...(depth === 0 && { mayBeText: true }),
      ...(alternatives.length > 0 && { alternativeOf: alternatives.map(({ number }) => number) }),
      ...(meaning?.isDoubtful && { isDoubtful: true }),
    }
  }

  /** Objects in which no path goes on share a table, for there may be any number of them. */
  #inner(depth: number | undefined, paths: readonly OpenPath[]): KeyTable {
    const meaningOf = (key: string) => (depth === undefined ? undefined : this.#claimMeaning(key, depth))
    if (depth === undefined || paths.length > 0) return this.#table(meaningOf, paths, innerKeysMax)
    const table = this.#claims.get(depth) ?? this.#table(meaningOf, [], innerKeysMax)
    this.#claims.set(depth, table)
    return table
  }
}

/** How a path goes on behind a key, which may hold several of its names. */
function continuations(path: OpenPath, key: string): OpenPath[] {
  return path.rest.flatMap((_, index) =>
    path.rest.slice(0, index + 1).join('.') === key ? [{ ...path, rest: path.rest.slice(index + 1) }] : [],
  )
}

function startsWith(rest: readonly string[], key: string): boolean {
  return rest.some((_, index) => rest.slice(0, index + 1).join('.') === key)
}
