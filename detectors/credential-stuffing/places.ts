import { remembered } from '../../core/detector/remembered.ts'
import { groupBy, sum, type Tries } from './tries.ts'

/** What a place is called in a row. */
export type PlaceField = 'address' | 'network' | 'fingerprint'

/** The tries of one place. */
export interface Place {
  readonly name: string
  readonly failures: number
  /** Made when asked: most places are dismissed by their failures. */
  readonly rows: readonly Tries[]
}

class PlaceOfTries implements Place {
  readonly name: string
  failures = 0
  readonly #rowsOf: (name: string) => readonly Tries[]

  constructor(name: string, rowsOf: (name: string) => readonly Tries[]) {
    this.name = name
    this.#rowsOf = rowsOf
  }

  get rows(): readonly Tries[] {
    return this.#rowsOf(this.name)
  }
}

/** All places of a list of tries that have a name and failures. */
export const placesOf: Readonly<Record<PlaceField, (tries: readonly Tries[]) => readonly Place[]>> = {
  address: placesBy('address'),
  network: placesBy('network'),
  fingerprint: placesBy('fingerprint'),
}

/** Failures of all rows together. */
export function failuresIn(rows: readonly Tries[]): number {
  return sum(rows, (row) => row.failures)
}

function placesBy(field: PlaceField): (tries: readonly Tries[]) => readonly Place[] {
  return remembered((tries: readonly Tries[]) => {
    const places = new Map<string, PlaceOfTries>()
    let groups: ReadonlyMap<string, readonly Tries[]> | undefined
    const rowsOf = (name: string) => {
      groups ??= groupBy(tries, (row) => row[field])
      return groups.get(name) ?? []
    }
    for (const row of tries) {
      const name = row[field]
      if (row.failures === 0 || name === '') continue
      let place = places.get(name)
      if (!place) {
        place = new PlaceOfTries(name, rowsOf)
        places.set(name, place)
      }
      place.failures += row.failures
    }
    return [...places.values()]
  })
}

/** What was left, by what was left out. */
const restsOf = remembered((_tries: readonly Tries[]): Map<string, readonly Tries[]> => new Map())

/** The tries of all other places. */
export function withoutPlaces(
  tries: readonly Tries[],
  field: PlaceField,
  names: ReadonlySet<string>,
): readonly Tries[] {
  if (names.size === 0) return tries
  const rests = restsOf(tries)
  const key = [field, ...[...names].sort()].join('\u0000')
  const rest = rests.get(key) ?? tries.filter((row) => !names.has(row[field]))
  rests.set(key, rest)
  return rest
}
