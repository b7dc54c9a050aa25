import type { Event } from '../../../core/event/event.ts'
import { type EventField, eventFieldNames, eventFields } from '../../../core/event/event-fields.ts'
import { maskRaw } from '../../privacy/mask.ts'
import { claimFields } from '../claim-names.ts'
import { type FormatId, formats } from '../formats.ts'
import type { LinePart } from './line-part.ts'
import { isSame, probes } from './same-value.ts'
import { differing, type Tellers } from './tellers.ts'

/** Why a part of a line tells nothing. */
export const dropReasons = [
  'empty',
  'private',
  'not_allowlisted',
  'told_already',
  'unusable',
  'no_meaning',
  'unknown',
] as const
export type DropReason = (typeof dropReasons)[number]

/** A part that told nothing, and why. */
export interface Dropped {
  readonly key: string
  readonly reason: DropReason
  /** In a few words, for a person. */
  readonly why: string
  /** A field that its name sounds like, which an operator may map it to. */
  readonly candidate?: EventField
}

interface Line extends Tellers {
  readonly format: FormatId
  readonly base: Event
  read(line: string): Event | undefined
}

export function whyDropped(part: LinePart, line: Line): Dropped {
  const { key, value } = part
  if (isEmpty(value)) return { key, reason: 'empty', why: 'empty' }
  const other = toldAlone(part, line)
  if (other !== undefined && line.base[other] === undefined) {
    const why = notKept(line.format, key) ?? `${other} is not believed beside the rest of the line`
    return { key, reason: 'unusable', why }
  }
  if (other !== undefined) {
    const teller = line.tellers.get(other)?.[0]?.key
    return {
      key,
      reason: 'told_already',
      why: teller ? `${other} is told by ${teller}` : `${other} is told anyway`,
    }
  }
  const name = key.replace(/\]$/, '').split(/[.[]/).at(-1) ?? key
  if (isPrivate(name)) return { key, reason: 'private', why: 'names of its kind hold credentials' }
  const known = notKept(line.format, key)
  if (known !== undefined) {
    const reason = known.includes('query_allowlist') ? 'not_allowlisted' : 'no_meaning'
    return { key, reason, why: known }
  }
  const field = wantedField(part, line)
  if (field !== undefined) {
    if (isSame(line.base[field], value)) return { key, reason: 'told_already', why: `${field} is so anyway` }
    return { key, reason: 'unusable', why: `${field} takes ${nounOf(field)}, this is none` }
  }
  const candidate = claimFields.get(name.toLowerCase())
  return { key, reason: 'unknown', why: unknownWhy(line.format), ...(candidate && { candidate }) }
}

function unknownWhy(format: FormatId): string {
  if (format === 'canonical') return 'no event field is called so'
  return `no field for it; if it tells one, map it in ingest.${format}.fields`
}

function nounOf(field: EventField): string {
  return field === 'client.ip' ? 'an address' : nouns[eventFields[field].type]
}

const nouns = {
  text: 'text of its kind',
  number: 'a number',
  instant: 'an instant',
  texts: 'a list of texts',
  boolean: 'true or false',
} as const

function isEmpty(value: unknown): boolean {
  if (value === null || value === '' || value === '-') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** A field that the part would tell if it stood alone. */
function toldAlone(part: LinePart, { required, read }: Line): EventField | undefined {
  const [first, ...rest] = required
  const bareLine = first?.alone(rest)
  const aloneLine = part.alone(required)
  const bare = bareLine === undefined ? undefined : read(bareLine)
  const alone = aloneLine === undefined ? undefined : read(aloneLine)
  if (bare === undefined || alone === undefined) return undefined
  return differing(alone, bare)[0]
}

/** A field that the part would tell with another value. */
function wantedField(part: LinePart, { base, read }: Line): EventField | undefined {
  for (const probe of probes) {
    const line = part.replaced(probe)
    const event = line === undefined ? undefined : read(line)
    const field =
      event && eventFieldNames.find((one) => event[one] !== undefined && !isSame(event[one], base[one]))
    if (field !== undefined) return field
  }
  return undefined
}

/** By the names that dead letters mask. */
function isPrivate(name: string): boolean {
  const probe = `"${name.replace(/\W+/g, '_')}":"x"`
  return maskRaw(probe) !== probe
}

/** What the format says of a key, or of an object that holds it. */
function notKept(format: FormatId, key: string): string | undefined {
  const reasons = formats[format].notKept
  if (reasons === undefined) return undefined
  const path = key.split(/(?=[.[])/)
  for (let length = path.length; length > 0; length--) {
    const reason = reasons.get(path.slice(0, length).join(''))
    if (reason !== undefined) return reason
  }
  return undefined
}
