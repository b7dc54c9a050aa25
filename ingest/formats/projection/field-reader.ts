import { type EventField, eventFields, type FieldType } from '../../../core/event/event-fields.ts'
import type { EventRecord } from '../../../core/event/event-record.ts'
import { putField } from '../../../core/event/put-field.ts'
import { fieldValue } from '../field-value.ts'
import { anyInstant, isoInstant, millisecondsInstant } from '../instant.ts'
import { lengthMax, textsMax } from '../limits.ts'
import { IsoBytes } from './iso-bytes.ts'
import { byte, skipLiteral, skipNumber, skipSpace, skipValue } from './json-bytes.ts'
import { latin1Of } from './latin1-of.ts'
import { TextCache } from './text-cache.ts'
import { type ScannedText, scanText } from './text-hash.ts'

/** How a field is read. */
export interface FieldPlan {
  readonly name: EventField
  readonly number: number
  readonly type: FieldType | 'time'
  readonly lengthMax: number
  /** Spellings seen of a field with a closed list of values, with the value each stands for. */
  readonly values: Map<string, string | undefined> | undefined
}

export function planOf(name: EventField, number: number, type: FieldType): FieldPlan {
  const { oneOf }: { readonly oneOf?: readonly string[] } = eventFields[name]
  return {
    name,
    number,
    type: name === 'time' ? 'time' : type,
    lengthMax: lengthMax(name),
    values: oneOf ? new Map() : undefined,
  }
}

/** Spellings remembered for a closed list; an attacker may send as many as he likes. */
const spellingsMax = 64
/** Digits of a whole number that a double surely holds. */
const digitsMax = 15

/** Reads the value of a wanted field into a record: the position behind it, or −1 when `JSON.parse` must decide. */
export class FieldReader {
  readonly #cache = new TextCache()
  readonly #iso = new IsoBytes()
  readonly #text: ScannedText = { end: 0, hash: 0 }

  read(bytes: Uint8Array, at: number, plan: FieldPlan, record: EventRecord, depth: number): number {
    const code = bytes[at] as number
    if (code === byte.quote) return this.#readText(bytes, at + 1, plan, record)
    if (code >= byte.zero && code <= byte.nine) return this.#readNumber(bytes, at, plan, record)
    if (code === byte.openBracket && plan.type === 'texts') return this.#readTexts(bytes, at, plan, record)
    if (code === byte.minus || plan.type === 'time' || plan.type === 'texts') return -1
    // Null, objects and lists tell nothing for such a field; of the literals only a boolean is one.
    if (code === byte.openBrace || code === byte.openBracket) return skipValue(bytes, at, bytes.length, depth)
    if (plan.type === 'boolean' && code !== 0x6e) putField(record, plan.number, (code === 0x74) as never)
    return skipLiteral(bytes, at)
  }

  #readText(bytes: Uint8Array, start: number, plan: FieldPlan, record: EventRecord): number {
    scanText(bytes, start, this.#text)
    const { end, hash } = this.#text
    if (end < 0) return -1
    if (plan.type === 'time') {
      const time = this.#iso.instant(bytes, start, end) ?? isoInstant(latin1Of(bytes, start, end))
      if (time === undefined) return -1
      record.time = time
      return end + 1
    }
    if (plan.type !== 'text' || end - start > plan.lengthMax) return -1
    if (end === start) return end + 1
    const text = this.#cache.text(bytes, start, end, hash)
    const value = plan.values ? listed(plan, plan.values, text) : text
    if (value !== undefined) putField(record, plan.number, value as never)
    return end + 1
  }

  #readNumber(bytes: Uint8Array, start: number, plan: FieldPlan, record: EventRecord): number {
    if (plan.type === 'text' || plan.type === 'texts') return -1
    const end = skipNumber(bytes, start)
    if (end < 0) return -1
    const value = wholeNumber(bytes, start, end) ?? Number(latin1Of(bytes, start, end))
    if (plan.type === 'time') {
      const time = millisecondsInstant(value)
      if (time === undefined) return -1
      record.time = time
    } else if (plan.type === 'instant') {
      const instant = anyInstant(value)
      if (instant !== undefined) putField(record, plan.number, instant as never)
    } else if (plan.type === 'number' && value <= Number.MAX_SAFE_INTEGER) {
      putField(record, plan.number, value as never)
    }
    return end
  }

  #readTexts(bytes: Uint8Array, start: number, plan: FieldPlan, record: EventRecord): number {
    const texts: string[] = []
    let at = skipSpace(bytes, start + 1)
    if (bytes[at] === byte.closeBracket) return at + 1
    for (;;) {
      if (bytes[at] !== byte.quote || texts.length === textsMax) return -1
      scanText(bytes, at + 1, this.#text)
      const { end, hash } = this.#text
      if (end < 0 || end === at + 1 || end - at - 1 > plan.lengthMax) return -1
      texts.push(this.#cache.text(bytes, at + 1, end, hash))
      at = skipSpace(bytes, end + 1)
      if (bytes[at] === byte.closeBracket) break
      if (bytes[at] !== byte.comma) return -1
      at = skipSpace(bytes, at + 1)
    }
    putField(record, plan.number, texts as never)
    return at + 1
  }
}

/** The value of a closed list that a spelling stands for. */
function listed(plan: FieldPlan, values: Map<string, string | undefined>, text: string): string | undefined {
  const known = values.get(text)
  if (known !== undefined || values.has(text)) return known
  const value = fieldValue(plan.name, text) as string | undefined
  if (values.size < spellingsMax) values.set(text, value)
  return value
}

/** A number of digits alone; `undefined` for other spellings and for more digits than a double surely holds. */
function wholeNumber(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start > digitsMax) return undefined
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - byte.zero
    if (!(digit >= 0 && digit <= 9)) return undefined
    value = value * 10 + digit
  }
  return value
}
