import { eventFieldNames } from '../../core/event/event-fields.ts'
import type { MappedField } from './field-map.ts'

/** Values of a line that a dialect judges itself. */
export const dialectValues = [
  'marker',
  'details',
  'flags',
  'request_line',
  'user',
  'proof',
  'target',
  'query',
  'date',
  'clock',
  'agent',
  'operation',
  'decision',
  'class',
  'headers',
  'labels',
  'resources',
  'forwarded',
  'fingerprints',
] as const
export type DialectValue = (typeof dialectValues)[number]

/** Those of them that may be lists, which are looked into. */
export const listedValues: ReadonlySet<DialectValue> = new Set([
  'headers',
  'labels',
  'resources',
  'forwarded',
  'fingerprints',
])

/** Where a value of a line can go to: the event's fields first, each at its own number. */
export const placeNames: readonly (MappedField | DialectValue)[] = [
  ...eventFieldNames,
  'latency_s',
  'latency_us',
  'latency_ns',
  'x_forwarded_for',
  ...dialectValues,
]
const places = new Map(placeNames.map((name, place) => [name, place]))

export function placeOf(name: MappedField | DialectValue): number {
  return places.get(name) as number
}

/** The first place that is no event field. */
export const fieldPlaces = eventFieldNames.length
