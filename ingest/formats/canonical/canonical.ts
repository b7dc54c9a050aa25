import type { Decode, Decoded, Format } from '../../../core/event/decoder.ts'
import {
  type EventField,
  eventFieldNames,
  eventFields,
  type FieldType,
} from '../../../core/event/event-fields.ts'
import { EventRecord } from '../../../core/event/event-record.ts'
import { type Draft, fieldValue } from '../field-value.ts'
import { isoInstant, millisecondsInstant } from '../instant.ts'
import {
  isObject,
  type JsonObject,
  parseObject,
  type Refused,
  refused,
  timeInvalid,
  withNumbersAsText,
} from '../json-object.ts'
import { type NormaliseOptions, normaliser } from '../normalise.ts'
import { CanonicalProjection } from '../projection/canonical-projection.ts'

type Group = ReadonlyMap<string, EventField>

/** `ip` → `client.ip` under `client`, for nested objects. */
const groups = new Map<string, Map<string, EventField>>()
const fields = new Map<string, EventField>(eventFieldNames.map((name) => [name, name]))
for (const name of eventFieldNames) {
  const dot = name.indexOf('.')
  if (dot < 0) continue
  const group = groups.get(name.slice(0, dot)) ?? new Map<string, EventField>()
  groups.set(name.slice(0, dot), group.set(name.slice(dot + 1), name))
}

/** Our own record as NDJSON: nested objects, dotted keys or both; the later of two spellings wins. */
export const canonical: Format<NormaliseOptions> = {
  id: 'canonical',
  summary: 'Picket’s own event record as NDJSON, nested or with dotted keys.',
  confidence(line) {
    const parsed = parseObject(Buffer.from(line))
    if (parsed.outcome !== 'object' || typeof timeOf(parsed.object) !== 'number') return 0
    const keys = Object.keys(parsed.object)
    const known = keys.filter((key) => fields.has(key) || groups.has(key))
    return 0.7 + (0.25 * known.length) / keys.length
  },
  open(options, wanted = new Set(eventFieldNames)) {
    const normalise = normaliser(options)
    const projection = new CanonicalProjection(wanted)
    const parse = parser(options)
    return function decodeCanonical(line): Decoded {
      const event = new EventRecord()
      if (!projection.read(line, event)) return parse(line)
      return { outcome: 'event', event: normalise(event.time, event as unknown as Draft) }
    }
  },
}

/** Decodes by `JSON.parse`: what it makes of a line is what the line means. */
export function parser(options: NormaliseOptions): Decode {
  const normalise = normaliser(options)
  return function parseCanonical(line): Decoded {
    const parsed = parseObject(line)
    if (parsed.outcome !== 'object') return parsed
    const time = timeOf(parsed.object)
    if (typeof time !== 'number') return time
    const draft: Draft = {}
    const exact = collect(parsed.object, draft)
    // Texts only: whatever else the line holds must read the same with and without such an id in it.
    if (!exact) collect(withNumbersAsText(parsed.text), draft, 'text')
    return { outcome: 'event', event: normalise(time, draft) }
  }
}

/** Fills the draft; false when a text field holds a number whose digits `JSON.parse` may have lost. */
function collect(object: JsonObject, draft: Draft, only?: FieldType): boolean {
  let exact = true
  const take = (field: EventField, value: unknown): void => {
    const { type } = eventFields[field]
    if (only !== undefined && type !== only) return
    if (typeof value === 'number' && !Number.isSafeInteger(value) && type === 'text') exact = false
    const checked = field === 'time' ? undefined : fieldValue(field, value)
    if (checked !== undefined) draft[field] = checked
  }
  for (const key of Object.keys(object)) {
    const value = object[key]
    const field = fields.get(key)
    if (field !== undefined) take(field, value)
    else if (isObject(value)) collectGroup(groups.get(key), value, take)
  }
  return exact
}

function collectGroup(
  group: Group | undefined,
  object: JsonObject,
  take: (field: EventField, value: unknown) => void,
): void {
  if (group === undefined) return
  for (const key of Object.keys(object)) {
    const field = group.get(key)
    if (field !== undefined) take(field, object[key])
  }
}

/** `time` is milliseconds or ISO 8601 with a zone: never guessed, because every window hangs on it. */
function timeOf(object: JsonObject): number | Refused {
  const value = Object.hasOwn(object, 'time') ? object.time : undefined
  if (value === undefined || value === null) return refused('time_missing', 'time: required')
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  if (typeof number === 'number') return millisecondsInstant(number) ?? timeInvalid(value)
  return (typeof number === 'string' ? isoInstant(number) : undefined) ?? timeInvalid(value)
}
