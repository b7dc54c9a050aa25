import { type EventField, eventFieldNames } from '../../core/event/event-fields.ts'
import type { MappedField } from './field-map.ts'
import { type DialectValue, placeNames } from './places.ts'

/** What a field is derived from besides its own value. */
const sources: { readonly [F in EventField]?: readonly (MappedField | DialectValue)[] } = {
  method: ['request_line'],
  host: ['path', 'method', 'request_line'],
  path: ['method', 'request_line'],
  route: ['path', 'method', 'request_line'],
  latency_ms: ['latency_s', 'latency_us'],
  'client.ip': ['x_forwarded_for'],
  'principal.id': ['user', 'status'],
  'object.id': ['path', 'method', 'route', 'request_line'],
  'object.type': ['path', 'method', 'route', 'object.id', 'request_line'],
  enforced_by: ['marker', 'details', 'flags'],
}

/** For each place, 1 when it must be read to tell the wanted fields. Time is always read. */
export function neededPlaces(wanted: Iterable<EventField> = eventFieldNames): Uint8Array {
  const needed = new Set<string>(['time'])
  for (const field of wanted) {
    needed.add(field)
    for (const source of sources[field] ?? []) needed.add(source)
  }
  return Uint8Array.from(placeNames, (name) => (needed.has(name) ? 1 : 0))
}
