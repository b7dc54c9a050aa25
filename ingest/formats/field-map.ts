import { type EventField, eventFieldNames } from '../../core/event/event-fields.ts'

/** What an operator may map: event fields, and other units of latency that become `latency_ms`. */
export type MappedField = EventField | 'latency_s' | 'latency_us' | 'x_forwarded_for'

const mapped = new Set<string>([...eventFieldNames, 'latency_s', 'latency_us', 'x_forwarded_for'])

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
 * `1`, …, and `-` for a position to leave out. In a map either side may be the event field; where both sides are, `first`
 * says which one it is. Throws on a name that is no event field, so that a typo is found when the configuration loads.
 */
export function fieldPairs(
  fields: Readonly<Record<string, string | number>> | readonly string[] | undefined,
  first: 'field' | 'key',
): readonly (readonly [key: string, field: MappedField])[] {
  if (fields === undefined) return []
  if (Array.isArray(fields)) {
    return fields.flatMap((name: string, index) =>
      name === '-' || name === '' ? [] : [[String(index), knownField(name, name)] as const],
    )
  }
  return Object.entries(fields).map(([left, right]) => {
    const text = String(right)
    const [one, other] = first === 'field' ? [left, text] : [text, left]
    const field = mappedField(one)
    return field === undefined ? [one, knownField(other, one)] : [other, field]
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
