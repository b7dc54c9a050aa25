import type { Event } from '../../core/event/event.ts'
import { type EventField, eventFields, type FieldType } from '../../core/event/event-fields.ts'
import { fieldNumber } from '../../core/event/event-record.ts'
import { type Dictionary, knownLengthMax, type Value } from './dictionary.ts'

/** Fields of events, one behind the other, on their way to another thread. */
export interface FieldParcel {
  /** A word for each field, see `wordOf`. */
  readonly words: Int32Array
  readonly numbers: Float64Array
  /** Texts and lists that the reader does not know yet. */
  readonly values: Value[]
}

/** How far a parcel is written or read. */
export interface ParcelPlace {
  word: number
  number: number
  value: number
}

/** Writes or reads fields of an event and of its hints. */
type Handle = (
  parcel: FieldParcel,
  place: ParcelPlace,
  event: Event,
  hints: Int32Array,
  known: Dictionary,
) => void

/**
 * A word says of a field: 0 that it is absent. Of a text or list, n above 0: it is the one known by n; −1: the next of `values`;
 * −1 − n: the next, and from now on known by n. Of a number 1: the next of `numbers`. Of a boolean 1 false, 2 true.
 */
const wordOf: { readonly [Type in FieldType]: { write(at: Place): string; read(at: Place): string } } = {
  text: {
    write: ({ hint }) => `number = value.length > ${knownLengthMax} ? 0 : ${hint}\n${writeKnown('texts')}`,
    read: ({ field, hint }) => readKnown('texts', field, `${hint} = number`),
  },
  texts: {
    write: () => `number = known.numberOf(value)\n${writeKnown('lists')}`,
    read: ({ field }) => readKnown('lists', field, ''),
  },
  number: { write: writeNumber, read: readNumber },
  instant: { write: writeNumber, read: readNumber },
  boolean: {
    write: () => 'words[at] = value ? 2 : 1',
    read: ({ field }) => `${field} = word === 0 ? undefined : word === 2`,
  },
}

interface Place {
  /** The field of `event`, and its hint, as code. */
  readonly field: string
  readonly hint: string
}

/** One function that writes these fields of an event, with each name in its code: a loop over names would look each one up. */
export function compileWriter(fields: readonly EventField[]): Handle {
  const lines = placed(fields).map(
    ([place, type]) => `if ((value = ${place.field}) === undefined) words[at] = 0
else { ${wordOf[type].write(place)} }
at++`,
  )
  return compiled(lines)
}

/** The one that reads what `compileWriter` of the same fields wrote. Other fields of the event are left as they are. */
export function compileReader(fields: readonly EventField[]): Handle {
  const lines = placed(fields).map(([place, type]) => `word = words[at++]\n${wordOf[type].read(place)}`)
  return compiled(lines)
}

function compiled(lines: readonly string[]): Handle {
  const body = `const { words, numbers, values } = parcel
const { texts, lists } = known
let value, word, number, at = place.word
${lines.join('\n')}
place.word = at`
  return new Function('parcel', 'place', 'event', 'hints', 'known', body) as Handle
}

function placed(fields: readonly EventField[]): [Place, FieldType][] {
  return fields.map((name) => {
    const place = { field: `event[${JSON.stringify(name)}]`, hint: `hints[${fieldNumber(name)}]` }
    return [place, eventFields[name].type]
  })
}

function writeKnown(known: 'texts' | 'lists'): string {
  return `if (number > 0 && ${known}[number] === value) words[at] = number
  else {
    words[at] = -1 - number
    values[place.value++] = value
    if (number > 0) ${known}[number] = value
  }`
}

function readKnown(known: 'texts' | 'lists', field: string, note: string): string {
  return `if (word === 0) ${field} = undefined
else {
  number = word > 0 ? word : -1 - word
  ${field} = word > 0 ? ${known}[number] : values[place.value++]
  if (word < 0) ${known}[number] = ${field}
  ${note}
}`
}

function writeNumber(): string {
  return 'words[at] = 1; numbers[place.number++] = value'
}

function readNumber({ field }: Place): string {
  return `${field} = word === 0 ? undefined : numbers[place.number++]`
}
