import type { Row, Table } from '../../core/aggregates/table.ts'
import { publicHash } from '../../core/hash/keyed-hash.ts'
import type { Delivery } from './delivery.ts'

/**
 * Columns of an id at an endpoint. Times are event times in milliseconds; `ahead` is timestamp minus receipt.
 * `origin` and `latest` join the second and the network of the first success and of the last delivery, see `stamp`.
 */
export const sightingColumns = {
  /** Deliveries, but for those with a failed signature; and successes. */
  deliveries: 'sum',
  successes: 'sum',
  /** First of all, last whose signature did not fail, first success. */
  first: 'min',
  last: 'max',
  first_success: 'min',
  timestamp: 'min',
  ahead: 'max',
  origin: 'min',
  latest: 'max',
  flags: 'bits',
} as const
export type Sightings = Table<typeof sightingColumns>
export type Sighting = Row<typeof sightingColumns>

/** Columns of a sender (in a provider) or of a provider (in a sender). */
export const senderColumns = {
  successes: 'sum',
  forged: 'sum',
  refused: 'sum',
  first_success: 'min',
  first_failure: 'min',
} as const
export type Senders = Table<typeof senderColumns>

export const flag = {
  late: 1,
  refused: 2,
  signed: 4,
  forged: 8,
  named: 16,
  unsigned: 32,
  declined: 64,
  failed: 128,
} as const

export function has(row: Sighting, bit: number): boolean {
  return ((row.flags ?? 0) & bit) !== 0
}

/** Networks are told apart in 21 bits beside 32 bits of seconds: two of them fall together once in two million. */
const networks = 2 ** 21

/** Number of a network; 0 for none. */
export function networkNumber(network: string): number {
  return network === '' ? 0 : 1 + (publicHash(network) % (networks - 1))
}

/** A time in whole seconds joined with a network, so that the least of them tells the network of the first. */
function stamp(time: number, network: string): number {
  return Math.min(2 ** 32 - 1, Math.max(0, Math.floor(time / 1000))) * networks + networkNumber(network)
}

/** The network number of an `origin` or `latest`. */
export function networkOf(stamped: number | undefined): number {
  return (stamped ?? 0) % networks
}

/** The endpoint and id of a row. */
export function partsOf(key: string): { readonly endpoint: string; readonly id: string } {
  const [endpoint = '', id = ''] = key.split('\u0000')
  return { endpoint, id }
}

/** What one delivery adds to its id; a delivery without id adds to its timestamp, without either to nothing. */
export function sightingOf(
  delivery: Delivery,
): readonly [string, Partial<Omit<Sighting, 'key'>>] | undefined {
  const { time, timestamp, network, succeeded, forged, endpoint, id } = delivery
  if (id === undefined && timestamp === undefined) return undefined
  const flags =
    (delivery.late ? flag.late : 0) |
    (delivery.refused ? flag.refused : 0) |
    (delivery.signed ? flag.signed : 0) |
    (forged ? flag.forged : 0) |
    (delivery.unsigned ? flag.unsigned : 0) |
    (delivery.declined ? flag.declined : 0) |
    // A forger must not make an id look like one that the provider had to retry.
    (succeeded || forged ? 0 : flag.failed) |
    (id === undefined ? 0 : flag.named)
  const key = `${endpoint}\u0000${id === undefined ? `${timestamp} ${network}` : id.slice(0, 200)}`
  const values: Partial<Record<keyof typeof sightingColumns, number>> = { first: time, flags }
  // A forger may claim any id and any time: what he sends only marks the id as seen.
  if (!forged) {
    Object.assign(values, { deliveries: 1, last: time, latest: stamp(time, network) })
    if (timestamp !== undefined) Object.assign(values, { timestamp, ahead: timestamp - time })
  }
  if (succeeded) Object.assign(values, { successes: 1, first_success: time, origin: stamp(time, network) })
  return [key, values]
}
