import { type EventField, eventFieldNames } from '../../core/event/event-fields.ts'
import type { MappedField } from './field-map.ts'
import { type DialectValue, placeNames } from './places.ts'

/** What tells the request's target. */
const target = ['path', 'method', 'request_line', 'target', 'query'] as const

/** What a field is derived from besides its own value. */
const sources: { readonly [F in EventField]?: readonly (MappedField | DialectValue)[] } = {
  method: ['request_line', 'operation'],
  host: [...target, 'headers'],
  path: target,
  route: [...target, 'operation'],
  latency_ms: ['latency_s', 'latency_us', 'latency_ns'],
  'client.ip': ['x_forwarded_for', 'forwarded', 'headers'],
  'client.user_agent': ['agent', 'headers'],
  'client.ja4': ['fingerprints'],
  'principal.id': ['user', 'status', 'proof'],
  'object.id': [...target, 'route', 'operation', 'resources'],
  'object.type': [...target, 'route', 'operation', 'resources', 'object.id'],
  'key.id': ['proof'],
  'policy.decision': ['decision'],
  'policy.reason': ['labels'],
  enforced_by: ['marker', 'details', 'flags'],
}

/** What tells when a line happened, or that it is none of the format: read whatever is wanted. */
const always: readonly (MappedField | DialectValue)[] = ['time', 'date', 'clock', 'class']

/** For each place, 1 when it must be read to tell the wanted fields. Time is always read. */
export function neededPlaces(wanted: Iterable<EventField> = eventFieldNames): Uint8Array {
  const needed = new Set<string>(always)
  for (const field of wanted) {
    needed.add(field)
    for (const source of sources[field] ?? []) needed.add(source)
  }
  return Uint8Array.from(placeNames, (name) => (needed.has(name) ? 1 : 0))
}
