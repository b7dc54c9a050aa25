import type { Event } from '../../core/event/event.ts'

/**
 * An event as a line of canonical NDJSON in the shape that gateways write: ISO time, nested objects. `time` stands
 * first, so that a sender can put another time of the same length in its place.
 */
export function gatewayLine(event: Event): string {
  const line: Record<string, unknown> = { time: new Date(event.time).toISOString() }
  for (const [field, value] of Object.entries(event)) {
    if (field === 'time' || value === undefined) continue
    const dot = field.indexOf('.')
    if (dot < 0) {
      line[field] = value
      continue
    }
    const group = field.slice(0, dot)
    const members = (line[group] ?? {}) as Record<string, unknown>
    members[field.slice(dot + 1)] = value
    line[group] = members
  }
  return `${JSON.stringify(line)}\n`
}
