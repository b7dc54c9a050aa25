import { eventFieldNames } from '../../core/event/event-fields.ts'
import type { MappedField } from './field-map.ts'

/** Values of a line that a dialect judges itself. */
export const dialectValues = ['marker', 'details', 'flags', 'request_line', 'user'] as const
export type DialectValue = (typeof dialectValues)[number]

/** Where a value of a line can go to: the event's fields first, each at its own number. */
export const placeNames: readonly (MappedField | DialectValue)[] = [
  ...eventFieldNames,
  'latency_s',
  'latency_us',
  'x_forwarded_for',
  ...dialectValues,
]
const places = new Map(placeNames.map((name, place) => [name, place]))

export function placeOf(name: MappedField | DialectValue): number {
  return places.get(name) as number
}

/** The first place that is no event field. */
export const fieldPlaces = eventFieldNames.length
