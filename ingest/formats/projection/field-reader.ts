import { type EventField, eventFieldNames, eventFields } from '../../../core/event/event-fields.ts'
import { lengthMax } from '../limits.ts'
import { fieldPlaces, placeNames, placeOf } from '../places.ts'
import { asciiText } from './ascii-text.ts'
import type { Take } from './key-use.ts'
import type { LineBytes } from './line-bytes.ts'
import { plainNumber } from './plain-number.ts'
import { lookUp, TextTable } from './text-table.ts'
import { addPlain, kindIn, kinds, listOfOne, placeIn, type Tokens, tokenSize } from './tokens.ts'

/** What a value tells in a place; `undefined` when nothing. A pure function. */
export type Convert = (place: number, value: unknown) => unknown

/** How the values of a place are had most cheaply. */
export const modes = { converted: 0, remembered: 1, path: 2, fresh: 3, number: 4 } as const

const textBounds = { entriesMax: 65_536, bytesMax: 4 * 1024 * 1024 }
const pathBounds = { entriesMax: 16_384, bytesMax: 2 * 1024 * 1024 }
/** Distinguishes a list from a text of the same bytes. */
const listBit = 1 << 8
// What this module alone names is part of its compiled code; what others export is looked up each time.
const { remembered, path, fresh, number } = modes
const { plain, whole, decimal, list } = kinds
const timePlace = placeOf('time')
const pathPlace = placeOf('path')
/** In place of an object or list where none is wanted. */
const nested: Readonly<Record<string, never>> = Object.freeze({})

/** Gives what tokens tell: the value that the format's own conversion makes of what `JSON.parse` would have given. */
export class FieldReader {
  readonly modes: Uint8Array
  readonly line: LineBytes
  readonly tokens: Tokens
  readonly convert: Convert
  readonly texts: TextTable<unknown>
  readonly paths: TextTable<unknown>
  readonly lengthsMax = Int32Array.from(eventFieldNames, lengthMax)
  /** Of the text that `valueAt` gave last, for `EventRecord.hints`; 0 when it is not remembered. */
  hint = 0

  /** `freshFields` are those whose texts seldom come twice: looking them up would cost more than making them. */
  constructor(line: LineBytes, tokens: Tokens, convert: Convert, freshFields: readonly EventField[]) {
    this.line = line
    this.tokens = tokens
    this.convert = convert
    this.texts = new TextTable<unknown>((place, text) => {
      if (place & listOfOne) return convert(place ^ listOfOne, [text])
      return place & listBit ? convert(place ^ listBit, JSON.parse(text) as unknown) : convert(place, text)
    }, textBounds)
    this.paths = new TextTable<unknown>(convert, pathBounds)
    this.modes = Uint8Array.from(placeNames, (name, place) =>
      place < fieldPlaces ? modeOf(name as EventField, freshFields) : modes.remembered,
    )
  }
}

/** How plain texts of a place are noted by readers that tell those apart which are looked up. */
export function notedApart({ modes: all }: FieldReader, place: number): Take['apart'] {
  if (all[place] !== remembered) return undefined
  return eventFields[placeNames[place] as EventField].type === 'texts' ? 'list' : 'text'
}

/** What the token tells, converted. */
export function valueAt(reader: FieldReader, token: number): unknown {
  const { ints } = reader.tokens
  const head = ints[token] as number
  const place = head & 0xff
  const mode = reader.modes[place]
  reader.hint = 0
  if ((head & 0xff00) !== 0 || (mode !== remembered && mode !== path)) return otherValue(reader, token)
  return rememberedAt(reader, mode === path ? reader.paths : reader.texts, place, ints, token)
}

function otherValue(reader: FieldReader, token: number): unknown {
  const { ints, numbers } = reader.tokens
  const head = ints[token] as number
  const place = placeIn(head)
  const kind = kindIn(head)
  const mode = reader.modes[place]
  if (mode === number) {
    if (kind === whole || kind === decimal) return numbers[token >> 3]
    const value = kind === plain ? numberAt(reader, token) : Number.NaN
    if (!Number.isNaN(value)) return value
  }
  if (mode === fresh && kind === plain) {
    const length = (ints[token + 2] as number) - (ints[token + 1] as number)
    // One character may be the dash that stands for nothing.
    if (length > 1 && length <= (reader.lengthsMax[place] as number)) return sourceOf(reader, token)
  }
  if (kind === list) return listValue(reader, token, place)
  return reader.convert(place, sourceOf(reader, token))
}

/** The number that a plain text stands for; NaN when others decide. */
export function numberAt({ line, tokens: { ints } }: FieldReader, token: number): number {
  return plainNumber(line.bytes, ints[token + 1] as number, ints[token + 2] as number)
}

/** The value as `JSON.parse` gives it; of objects and lists only that it is one. */
export function sourceOf(
  { line: { bytes }, tokens: { ints, numbers } }: FieldReader,
  token: number,
): unknown {
  const from = ints[token + 1] as number
  const end = ints[token + 2] as number
  switch (kindIn(ints[token] as number)) {
    case kinds.plain:
      return asciiText(bytes, from, end)
    case kinds.text: {
      // With its quotes: bytes that are no UTF-8 become the same characters as in the whole line.
      const quoted = bytes.toString('utf8', from - 1, end + 1)
      return quoted.includes('\\') ? (JSON.parse(quoted) as unknown) : quoted.slice(1, -1)
    }
    case kinds.whole:
    case kinds.decimal:
      return numbers[token >> 3]
    case kinds.number:
      return Number(bytes.toString('latin1', from, end))
    case kinds.true:
      return true
    case kinds.false:
      return false
    default:
      return nested
  }
}

/** The object or list of a token, parsed. */
export function parsedOf({ line, tokens: { ints } }: FieldReader, token: number): unknown {
  return JSON.parse(line.bytes.toString('utf8', ints[token + 1] as number, ints[token + 2] as number))
}

/** Lists are remembered by their bytes, blanks and all: a sender writes the same list the same way. */
function listValue(reader: FieldReader, token: number, place: number): unknown {
  const name = placeNames[place] as EventField
  if (place >= fieldPlaces || eventFields[name].type !== 'texts') return reader.convert(place, nested)
  const { line, tokens } = reader
  const from = tokens.ints[token + 1] as number
  const end = tokens.ints[token + 2] as number
  if (!isPlain(line, from, end)) return reader.convert(place, parsedOf(reader, token))
  addPlain(tokens, line, from, end, 0)
  tokens.length -= tokenSize
  return rememberedAt(reader, reader.texts, place | listBit, tokens.ints, tokens.length)
}

/** What a table gives for the text of a token. */
function rememberedAt(
  reader: FieldReader,
  table: TextTable<unknown>,
  place: number,
  ints: Int32Array,
  token: number,
): unknown {
  const number = lookUp(
    table,
    reader.line,
    place,
    ints[token + 1] as number,
    ints[token + 2] as number,
    ints[token + 3] as number,
    ints[token + 4] as number,
  )
  // Paths have numbers of their own, which are no hints beside those of texts.
  if (table === reader.texts) reader.hint = number
  return number === 0 ? table.made : table.values[number]
}

/** Whether bytes are ASCII without a backslash. */
function isPlain({ bytes }: LineBytes, from: number, end: number): boolean {
  for (let at = from; at < end; at++) {
    const byte = bytes[at] as number
    if (byte >= 0x80 || byte === 0x5c) return false
  }
  return true
}

function modeOf(field: EventField, freshFields: readonly EventField[]): number {
  const place = placeOf(field)
  if (place === timePlace) return modes.converted
  if (place === pathPlace) return modes.path
  const { type } = eventFields[field]
  if (type === 'number') return modes.number
  if (type !== 'text' && type !== 'texts') return modes.converted
  return freshFields.includes(field) ? modes.fresh : modes.remembered
}
