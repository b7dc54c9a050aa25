import type { Decode, Refused } from '../../../core/event/decoder.ts'
import type { Event } from '../../../core/event/event.ts'
import { type EventField, eventFieldNames } from '../../../core/event/event-fields.ts'
import { EventRecord } from '../../../core/event/event-record.ts'
import type { LinePart } from './line-part.ts'
import { isSame, probes } from './same-value.ts'

/** Which parts of a line tell which fields. */
export interface Tellers {
  /** By field, the parts without which it would be another one; the first bears it. */
  readonly tellers: ReadonlyMap<EventField, readonly LinePart[]>
  /** Parts without which the line is no event, or of which one is needed. */
  readonly required: readonly LinePart[]
}

interface Line {
  readonly decode: Decode
  readonly parts: readonly LinePart[]
  readonly base: Event
}

/** Takes each part away in turn; what the event then lacks, or tells otherwise, the part told. */
export function tellersOf({ decode, parts, base }: Line): Tellers {
  const tellers = new Map<EventField, LinePart[]>()
  const required: LinePart[] = []
  for (const part of parts) {
    const rest = decoded(decode, Buffer.from(part.without()))
    if (!isEvent(rest)) {
      required.push(part)
      const isTime = (rest !== 'skip' && rest.reason.startsWith('time')) || part.key === 'time'
      if (isTime) tellers.set('time', [...(tellers.get('time') ?? []), part])
      continue
    }
    for (const field of differing(base, rest)) {
      const others = tellers.get(field) ?? []
      // Of a name and its proof the name bears the value.
      const bears = isSame(String(part.value), String(base[field]))
      tellers.set(field, bears ? [part, ...others] : [...others, part])
    }
  }
  addAlternatives({ decode, parts, base }, tellers, required)
  return { tellers, required }
}

/**
 * Fields that several parts tell alike, so that each could be taken away without a change, go to the one whose value
 * decides, else to the first of them.
 */
function addAlternatives(line: Line, tellers: Map<EventField, LinePart[]>, required: LinePart[]): void {
  const { decode, parts, base } = line
  if (!tellers.has('time')) {
    const times = parts.filter((part) => eventOf(decode, part.alone(required)) !== undefined)
    const time = decisive(times, 'time', line)
    if (time === undefined) return
    tellers.set('time', [time])
    required.push(time)
  }
  const bare = bareEvent(required, decode)
  if (bare === undefined) return
  const alike = new Map<EventField, LinePart[]>()
  for (const part of parts) {
    const alone = eventOf(decode, part.alone(required))
    if (alone === undefined) continue
    for (const field of differing(alone, bare)) {
      if (tellers.has(field) || !isSame(alone[field], base[field])) continue
      alike.set(field, [...(alike.get(field) ?? []), part])
    }
  }
  for (const [field, candidates] of alike) {
    const part = decisive(candidates, field, line)
    if (part !== undefined) tellers.set(field, [part])
  }
}

/** Of parts that tell the same, the first whose value would count if it were another. */
function decisive(
  candidates: readonly LinePart[],
  field: EventField,
  { decode, base }: Line,
): LinePart | undefined {
  const decides = (part: LinePart) =>
    probes.some((probe) => {
      const event = eventOf(decode, part.replaced(probe))
      return event?.[field] !== undefined && !isSame(event[field], base[field])
    })
  return candidates.find(decides) ?? candidates[0]
}

/** What the parts that a line can't do without tell by themselves. */
function bareEvent([first, ...rest]: readonly LinePart[], decode: Decode): Event | undefined {
  return eventOf(decode, first?.alone(rest))
}

/** Fields of the event that another lacks or tells otherwise. */
export function differing(event: Event, other: Event): readonly EventField[] {
  return eventFieldNames.filter((field) => event[field] !== undefined && !isSame(event[field], other[field]))
}

export function isEvent(outcome: Event | 'skip' | Refused): outcome is Event {
  return outcome !== 'skip' && !('reason' in outcome && 'detail' in outcome)
}

/** The event of a line; `undefined` when it is none. */
export function eventOf(decode: Decode, line: string | undefined): Event | undefined {
  if (line === undefined) return undefined
  const outcome = decoded(decode, Buffer.from(line))
  return isEvent(outcome) ? outcome : undefined
}

export function decoded(decode: Decode, bytes: Uint8Array): Event | 'skip' | Refused {
  const event = new EventRecord()
  const outcome = decode(bytes, 0, bytes.length, event)
  return outcome === 'event' ? event : outcome
}
