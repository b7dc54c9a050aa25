import type { EventRecord } from '../../../core/event/event-record.ts'
import { placeOf } from '../places.ts'
import { asciiText } from './ascii-text.ts'
import { quotedEnd } from './cut-combined.ts'
import type { FieldReader } from './field-reader.ts'
import type { IsoTime } from './iso-time.ts'
import { type LineShapes, segmentAt, slots } from './line-shapes.ts'
import { skipText, skipValue } from './skip-value.ts'
import { addOther, addText, kindIn, kinds, type Tokens } from './tokens.ts'

const quote = 0x22
const miss = -1
/** Of `2026-03-09T08:00:00.251Z`. */
const instantLength = 24
const pathPlace = placeOf('path')
// What this module alone names is part of its compiled code; what others export is looked up each time.
const { end: lineEnd, skippedText, skipped, skippedInner, text, fresh, number, time, path } = slots
const { whole, decimal } = kinds
const findSegment = segmentAt

/** What reading by shapes works on. */
export interface ShapeParts {
  readonly shapes: LineShapes
  readonly fields: FieldReader
  /** Texts to be looked up. */
  readonly texts: Tokens
  readonly isoTime: IsoTime
}

/**
 * Reads the line by the shapes: sets what can be set at once, and notes the texts. False when the line has no known shape,
 * or a value is not of the simplest kind; then the event means nothing. The path's token, if any, is the first one.
 */
export function readShape(parts: ShapeParts, event: EventRecord): boolean {
  const { shapes, fields, texts } = parts
  const { line, tokens } = fields
  const { bytes, view, end } = line
  const { segments } = shapes
  tokens.length = 0
  texts.length = 0
  let at = line.start | 0
  let state = 0
  for (;;) {
    const segment = findSegment(shapes, state, view, at, end)
    if (segment < 0) return false
    at = (at + (segments[segment] as number)) | 0
    const behind = segments[segment + 7] as number
    let effect = segments[segment + 6] as number
    for (; effect < behind; effect = (effect + 1) | 0) apply(shapes, effect, event)
    const slot = segments[segment + 2] as number
    const place = segments[segment + 3] as number
    if (slot === skippedText) at = skipText(bytes, view, at)
    else if (slot === text) {
      const noted = texts.length
      at = addText(texts, tokens, line, at, place)
      if (texts.length === noted) return false
    } else if (slot === lineEnd) return at === end
    else if (slot === skipped) at = skipValue(bytes, view, at, end, 1)
    else if (slot === number) at = readNumber(fields, at, place, event)
    else if (slot === fresh) at = readFresh(fields, at, place, event)
    else if (slot === time) at = readTime(parts, at, event)
    else if (slot === path) at = addText(tokens, tokens, line, at, pathPlace)
    else if (slot === skippedInner) at = skipValue(bytes, view, at, end, 2)
    else at = readConverted(fields, at, place, event)
    if (at < 0) return false
    state = segments[segment + 4] as number
  }
}

function apply({ places, values, hints }: LineShapes, effect: number, event: EventRecord): void {
  const place = places[effect] as number
  event.set(place, values[effect])
  event.hints[place] = hints[effect] as number
}

function readTime({ isoTime, fields: { line } }: ShapeParts, from: number, event: EventRecord): number {
  const usual = (from + instantLength) | 0
  const end = line.bytes[usual] === quote ? usual : quotedEnd(line.view, from)
  const instant = end < 0 ? undefined : isoTime.read(line, from, end)
  if (instant === undefined) return miss
  event.time = instant
  return end + 1
}

function readFresh(
  { line, lengthsMax }: FieldReader,
  from: number,
  place: number,
  event: EventRecord,
): number {
  const end = quotedEnd(line.view, from)
  const length = end - from
  if (length < 1 || length > (lengthsMax[place] as number)) return miss
  event.set(place, asciiText(line.bytes, from, end))
  return end + 1
}

function readNumber(fields: FieldReader, at: number, place: number, event: EventRecord): number {
  const behind = addNumber(fields, at)
  if (behind >= 0) event.set(place, fields.tokens.numbers[fields.tokens.length >> 3])
  return behind
}

function readConverted(fields: FieldReader, at: number, place: number, event: EventRecord): number {
  const behind = addNumber(fields, at)
  if (behind < 0) return behind
  const value = fields.convert(place, fields.tokens.numbers[fields.tokens.length >> 3])
  if (value !== undefined) event.set(place, value)
  return behind
}

/** Behind the number of at most 15 digits at `at`, which is then in the place of the next token. */
function addNumber({ line, tokens }: FieldReader, at: number): number {
  const first = line.bytes[at] as number
  if (first !== 0x2d && !(first >= 0x30 && first <= 0x39)) return miss
  const token = tokens.length
  const behind = addOther(tokens, line, at, 0, 1)
  if (behind < 0) return miss
  const kind = kindIn(tokens.ints[token] as number)
  tokens.length = token
  return kind === whole || kind === decimal ? behind : miss
}
