import { type Turns, turnsBetween } from './alternations.ts'
import { type PlaceRow, usesOf } from './cells.ts'
import { countryText, networkOf, type Place, placeKey, placeOf } from './place.ts'

/** A place with everything that is known of the token's use there. */
export interface Sighting extends Place {
  readonly network: string
  readonly asn: number | undefined
  /** ISO 3166, or empty. */
  readonly country: string
  /** Instants of surely being active there, unordered. */
  readonly instants: readonly number[]
  readonly uses: number
  readonly accepted: number
}

/** Places that may all be one client: linked by a network, or by the same software. */
export type Client = readonly Sighting[]

/** More places than this are left out, the least used ones first: what is judged is a pair of clients. */
const placesMax = 64
/** A client with more fingerprints than this under one user agent changes them with every connection (JA3 does). */
const fingerprintsMax = 3

/** Joins rows of the same place, each with an interval of use, and forgets fingerprints that tell nothing. */
export function sightingsOf(rows: Iterable<PlaceRow>): Sighting[] {
  const placed = [...rows].map((row) => ({ row, place: placeOf(row.key) }))
  const fingerprints = new Map<string, Set<string>>()
  for (const { place } of placed)
    if (place.tls !== '')
      fingerprints.set(place.agent, (fingerprints.get(place.agent) ?? new Set()).add(place.tls))
  const byPlace = new Map<string, { readonly place: Place; readonly rows: PlaceRow[] }>()
  for (const { row, place } of placed) {
    const changing = (fingerprints.get(place.agent)?.size ?? 0) > fingerprintsMax
    const kept = changing ? { ...place, tls: '' } : place
    const known = byPlace.get(placeKey(kept))
    if (known) known.rows.push(row)
    else byPlace.set(placeKey(kept), { place: kept, rows: [row] })
  }
  return [...byPlace.values()].map(sightingOf).sort(byUses).slice(0, placesMax)
}

function sightingOf({
  place,
  rows,
}: {
  readonly place: Place
  readonly rows: readonly PlaceRow[]
}): Sighting {
  return {
    ...place,
    network: networkOf(place.address),
    asn: greatest(rows.map((row) => row.asn)),
    country: countryText(greatest(rows.map((row) => row.country))),
    instants: rows.flatMap((row) => [row.first ?? 0, row.last ?? 0]),
    uses: rows.reduce((sum, row) => sum + usesOf(row), 0),
    accepted: rows.reduce((sum, row) => sum + (row.accepted ?? 0), 0),
  }
}

function greatest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length > 0 ? Math.max(...known) : undefined
}

/**
 * Groups places into clients: two belong together when they share the `site` (network or address) or when the same
 * software was there. What stays apart differs in both. Largest first. `history` only links: it is in no client.
 */
export function clientsOf(
  recent: readonly Sighting[],
  site: 'network' | 'address',
  history: readonly Sighting[] = [],
): Client[] {
  const sightings = [...recent, ...history]
  const traced = new Set(
    sightings.filter(({ tls }) => tls !== '').map(({ address, agent }) => `${address} ${agent}`),
  )
  // A service's view without fingerprint of a place that the edge saw with one must not link two fingerprints.
  const vague = (sighting: Sighting) =>
    sighting.tls === '' && traced.has(`${sighting.address} ${sighting.agent}`)
  const groups: Sighting[][] = []
  for (const sighting of sightings) {
    const linked = groups.filter((group) =>
      group.some(
        (other) =>
          other[site] === sighting[site] ||
          (!vague(sighting) && !vague(other) && sameSoftware(other, sighting)),
      ),
    )
    const joined = [...linked.flat(), sighting]
    for (const group of linked) groups.splice(groups.indexOf(group), 1)
    groups.push(joined)
  }
  const own = new Set(recent)
  return groups
    .map((group) => group.filter((sighting) => own.has(sighting)).sort(byUses))
    .filter((group) => group.length > 0)
    .sort((left, right) => totalOf(right) - totalOf(left) || compareFirst(left, right))
}

function sameSoftware(left: Sighting, right: Sighting): boolean {
  const agents = left.agent !== '' && right.agent !== ''
  const fingerprints = left.tls !== '' && right.tls !== ''
  if ((agents && left.agent !== right.agent) || (fingerprints && left.tls !== right.tls)) return false
  return agents || fingerprints
}

/** Both sides name something, and nothing in common. */
export function differ(left: readonly (string | number | undefined)[], right: typeof left): boolean {
  const known = new Set(left.filter((value) => value !== '' && value !== undefined))
  const others = right.filter((value) => value !== '' && value !== undefined)
  return known.size > 0 && others.length > 0 && !others.some((value) => known.has(value))
}

export function totalOf(client: Client): number {
  return client.reduce((sum, sighting) => sum + sighting.uses, 0)
}

/** Both used it often enough, and the verifier took it from both. */
export function bothUsed(left: Client, right: Client, usesMin: number): boolean {
  return [left, right].every(
    (client) => totalOf(client) >= usesMin && client.some(({ accepted }) => accepted > 0),
  )
}

export function turnsOf(left: Client, right: Client): Turns {
  return turnsBetween(
    left.flatMap(({ instants }) => instants),
    right.flatMap(({ instants }) => instants),
  )
}

function placeText({ address, agent, tls }: Place): string {
  return `${address} ${agent} ${tls}`
}

function byUses(left: Sighting, right: Sighting): number {
  return right.uses - left.uses || (placeText(left) < placeText(right) ? -1 : 1)
}

function compareFirst(left: Client, right: Client): number {
  return placeText(left[0] as Sighting) < placeText(right[0] as Sighting) ? -1 : 1
}
