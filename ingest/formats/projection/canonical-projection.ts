import { type EventField, eventFieldNames, eventFields } from '../../../core/event/event-fields.ts'
import type { EventRecord } from '../../../core/event/event-record.ts'
import { fieldNumbers } from '../../../core/event/put-field.ts'
import { lineBytesMax } from '../limits.ts'
import { type FieldPlan, FieldReader, planOf } from './field-reader.ts'
import { byte, skipSpace, skipString, skipValue } from './json-bytes.ts'
import { KeyTable } from './key-table.ts'
import { type ScannedText, scanText } from './text-hash.ts'

/** What a key means: a field that is wanted, or an object that holds some. */
type Meaning =
  | { readonly kind: 'field'; readonly plan: FieldPlan }
  | { readonly kind: 'group'; readonly number: number; readonly table: KeyTable<Meaning> }

/**
 * Reads wanted fields of canonical records straight from their bytes. It walks the whole line once and checks all of
 * its grammar, but makes nothing of what nobody wants. Whatever it is not sure of (escapes, text beyond ASCII, a field
 * told twice, numbers for texts) it leaves to `JSON.parse`, which defines what a line means.
 */
export class CanonicalProjection {
  readonly #table: KeyTable<Meaning>
  readonly #reader = new FieldReader()
  readonly #key: ScannedText = { end: 0, hash: 0 }
  /** Number of the line in which a field or group was last told. */
  readonly #told = new Uint32Array(eventFieldNames.length * 2)
  #line = 0

  constructor(wanted: ReadonlySet<EventField>) {
    this.#table = new KeyTable(meaningsOf(wanted))
  }

  /** Fills a clear record; false when the line has to be read by `JSON.parse`, the record is then in no state to use. */
  read(bytes: Uint8Array, record: EventRecord): boolean {
    if (bytes.length > lineBytesMax) return false
    this.#line = (this.#line + 1) >>> 0
    record.time = -1
    const start = skipSpace(bytes, 0)
    if (bytes[start] !== byte.openBrace) return false
    const at = this.#members(bytes, start, this.#table, record, 1)
    return at >= 0 && record.time >= 0 && skipSpace(bytes, at) === bytes.length
  }

  /** Position behind an object that is the `depth`-th of those around each other, −1 when unsure. */
  #members(
    bytes: Uint8Array,
    from: number,
    table: KeyTable<Meaning>,
    record: EventRecord,
    depth: number,
  ): number {
    let at = skipSpace(bytes, from + 1)
    if (bytes[at] === byte.closeBrace) return at + 1
    for (;;) {
      if (bytes[at] !== byte.quote) return -1
      scanText(bytes, at + 1, this.#key)
      const { end, hash } = this.#key
      if (end < 0) return -1
      const meaning = table.find(bytes, at + 1, end, hash)
      at = end + 1
      if (bytes[at] !== byte.colon) {
        at = skipSpace(bytes, at)
        if (bytes[at] !== byte.colon) return -1
      }
      at++
      if ((bytes[at] as number) <= byte.space) at = skipSpace(bytes, at)
      at = this.#value(bytes, at, meaning, record, depth)
      if (at < 0) return -1
      if (bytes[at] !== byte.comma) {
        at = skipSpace(bytes, at)
        if (bytes[at] === byte.closeBrace) return at + 1
        if (bytes[at] !== byte.comma) return -1
      }
      at++
      if (bytes[at] !== byte.quote) at = skipSpace(bytes, at)
    }
  }

  #value(
    bytes: Uint8Array,
    at: number,
    meaning: Meaning | undefined,
    record: EventRecord,
    depth: number,
  ): number {
    if (meaning === undefined) {
      return bytes[at] === byte.quote
        ? skipString(bytes, at, bytes.length)
        : skipValue(bytes, at, bytes.length, depth)
    }
    const number = meaning.kind === 'field' ? meaning.plan.number : meaning.number
    // Which of two wins depends on more than their order.
    if (this.#told[number] === this.#line) return -1
    this.#told[number] = this.#line
    if (meaning.kind === 'field') return this.#reader.read(bytes, at, meaning.plan, record, depth)
    return bytes[at] === byte.openBrace
      ? this.#members(bytes, at, meaning.table, record, depth + 1)
      : skipValue(bytes, at, bytes.length, depth)
  }
}

/** Fields that others are derived from, when one of those is wanted. */
const derived: readonly EventField[] = ['route', 'object.id', 'object.type', 'host', 'path']
const sources: readonly EventField[] = ['path', 'method', 'host', 'route', 'object.id', 'object.type']

function meaningsOf(wanted: ReadonlySet<EventField>): Map<string, Meaning> {
  const read = new Set<EventField>(['time', ...wanted])
  if (derived.some((field) => wanted.has(field))) for (const field of sources) read.add(field)
  const top = new Map<string, Meaning>()
  const groups = new Map<string, Map<string, Meaning>>()
  for (const name of eventFieldNames) {
    const dot = name.indexOf('.')
    const group = dot < 0 ? undefined : name.slice(0, dot)
    const members = group === undefined ? undefined : (groups.get(group) ?? new Map<string, Meaning>())
    if (group !== undefined && members) groups.set(group, members)
    if (!read.has(name)) continue
    const { type } = eventFields[name]
    const meaning: Meaning = { kind: 'field', plan: planOf(name, fieldNumbers.get(name) ?? 0, type) }
    top.set(name, meaning)
    members?.set(name.slice(dot + 1), meaning)
  }
  let number = eventFieldNames.length
  for (const [group, members] of groups) {
    top.set(group, { kind: 'group', number: number++, table: new KeyTable(members) })
  }
  return top
}
