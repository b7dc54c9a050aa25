import { type EventField, eventFieldNames } from '../../core/event/event-fields.ts'

/** What an operator may map: event fields, and other units of latency that become `latency_ms`. */
export type MappedField = EventField | 'latency_s' | 'latency_us' | 'latency_ns' | 'x_forwarded_for'

const mapped = new Set<string>([
  ...eventFieldNames,
  'latency_s',
  'latency_us',
  'latency_ns',
  'x_forwarded_for',
])

/** Snake-case spellings of all event fields: `principal_id` for `principal.id`. */
export const snakeNames: ReadonlyMap<string, EventField> = new Map(
  eventFieldNames.flatMap((name) => [
    [name, name],
    [name.replaceAll('.', '_'), name],
  ]),
)

/** The field of a name as an operator writes it, dotted or in snake case. */
export function mappedField(name: string): MappedField | undefined {
  return mapped.has(name) ? (name as MappedField) : snakeNames.get(name)
}

/**
 * Reads the `fields` option as pairs of (key in the log, field). A list gives fields by position, the keys being `0`,
 * `1`, …, and `-` for a position to leave out. A map goes from event field to key (or position); the other way round is
 * understood too. Where both sides name a field the dotted one is it, else the left. Throws on a name that is no event
 * field, so that a typo is found when the configuration loads.
 */
export function fieldPairs(
  fields: Readonly<Record<string, string | number>> | readonly string[] | undefined,
): readonly (readonly [key: string, field: MappedField])[] {
  if (fields === undefined) return []
  if (Array.isArray(fields)) {
    return fields.flatMap((name: string, index) =>
      name === '-' || name === '' ? [] : [[String(index), knownField(name, name)] as const],
    )
  }
  return Object.entries(fields).map(([left, written]) => {
    const right = String(written)
    const turned = mappedField(right) !== undefined && right.includes('.') && !left.includes('.')
    return mappedField(left) !== undefined && !turned
      ? [right, knownField(left, right)]
      : [left, knownField(right, left)]
  })
}

function knownField(name: string, other: string): MappedField {
  const field = mappedField(name)
  if (field !== undefined) return field
  const near = eventFieldNames.find((known) => known.endsWith(`.${other}`) || known.endsWith(`.${name}`))
  const hint = near ? `; did you mean ${near}?` : ''
  throw new Error(
    `fields: neither ${JSON.stringify(name)} nor ${JSON.stringify(other)} is an event field${hint}`,
  )
}
