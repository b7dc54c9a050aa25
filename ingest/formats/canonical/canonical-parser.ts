import type { Decoded, Refused } from '../../../core/event/decoder.ts'
import {
  type EventField,
  eventFieldNames,
  eventFields,
  type FieldType,
} from '../../../core/event/event-fields.ts'
import { type EventRecord, fieldNumber } from '../../../core/event/event-record.ts'
import { fieldValue } from '../field-value.ts'
import { isoInstant, millisecondsInstant } from '../instant.ts'
import {
  isObject,
  type JsonObject,
  parseObject,
  refused,
  timeInvalid,
  withNumbersAsText,
} from '../json-object.ts'
import { normalise } from '../normalise.ts'
import { type PathOptions, PathReader } from '../path-facts.ts'
import { spelled } from '../spelling.ts'

type Group = ReadonlyMap<string, EventField>
type Take = (field: EventField, value: unknown) => void

/** `ip` → `client.ip` under `client`, for nested objects. */
const groups = new Map<string, Map<string, EventField>>()
const fields = new Map<string, EventField>(eventFieldNames.map((name) => [name, name]))
for (const name of eventFieldNames) {
  const dot = name.indexOf('.')
  if (dot < 0) continue
  const group = groups.get(name.slice(0, dot)) ?? new Map<string, EventField>()
  groups.set(name.slice(0, dot), group.set(name.slice(dot + 1), name))
}

/**
 * Decodes canonical lines by parsing them whole: what a line means is what this makes of it. All fields are filled in;
 * the later of two spellings wins.
 */
export function canonicalParser(
  options: PathOptions = {},
): (line: Uint8Array, event: EventRecord) => Decoded {
  const paths = new PathReader(options)
  return function parseCanonical(line, event) {
    const parsed = parseObject(line)
    if (parsed.outcome !== 'object') return parsed.decoded
    const time = timeOf(parsed.object)
    if (typeof time !== 'number') return time
    event.clear()
    const exact = collect(parsed.object, event)
    // Texts only: whatever else the line holds must read the same with and without such an id in it.
    if (!exact) collect(withNumbersAsText(parsed.text), event, 'text')
    const target = event.path === undefined ? undefined : paths.read(event.path)
    event.path = undefined
    event.time = time
    normalise(event, target)
    return 'event'
  }
}

/** How surely a line is canonical: it has a `time`, and keys that we know. */
export function canonicalConfidence(line: string): number {
  const parsed = parseObject(Buffer.from(line))
  if (parsed.outcome !== 'object' || typeof timeOf(parsed.object) !== 'number') return 0
  const keys = Object.keys(parsed.object)
  const known = keys.filter((key) => fields.has(key) || groups.has(key))
  return 0.7 + (0.25 * known.length) / keys.length
}

/** Fills the event; false when a text field holds a number whose digits `JSON.parse` may have lost. */
function collect(object: JsonObject, event: EventRecord, only?: FieldType): boolean {
  let exact = true
  const take: Take = (field, value) => {
    const { type } = eventFields[field]
    if (only !== undefined && type !== only) return
    if (typeof value === 'number' && !Number.isSafeInteger(value) && type === 'text') exact = false
    const checked = field === 'time' ? undefined : fieldValue(field, value)
    if (checked !== undefined) event.set(fieldNumber(field), spelled(field, checked))
  }
  for (const key of Object.keys(object)) {
    const value = object[key]
    const field = fields.get(key)
    if (field !== undefined) take(field, value)
    else if (isObject(value)) collectGroup(groups.get(key), value, take)
  }
  return exact
}

function collectGroup(group: Group | undefined, object: JsonObject, take: Take): void {
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
  return strictInstant(value) ?? timeInvalid(value)
}

/** Epoch milliseconds of milliseconds, as number or digits, or of ISO 8601 text with a zone. */
export function strictInstant(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  if (typeof number === 'number') return millisecondsInstant(number)
  return typeof number === 'string' ? isoInstant(number) : undefined
}
