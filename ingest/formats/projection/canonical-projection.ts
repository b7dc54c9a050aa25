import { type EventField, eventFieldNames, eventFields } from '../../../core/event/event-fields.ts'
import type { EventRecord } from '../../../core/event/event-record.ts'
import { strictInstant } from '../canonical/canonical-parser.ts'
import { fieldValue } from '../field-value.ts'
import { lineBytesMax, pathLengthMax } from '../limits.ts'
import { normalise } from '../normalise.ts'
import { type PathFacts, type PathOptions, PathReader } from '../path-facts.ts'
import { placeOf } from '../places.ts'
import { spelled } from '../spelling.ts'
import { canonicalKeys, canonicalMeanings } from './canonical-keys.ts'
import { FieldReader, modes, notedApart, sourceOf, valueAt } from './field-reader.ts'
import { IsoTime } from './iso-time.ts'
import type { KeyTable } from './key-table.ts'
import { LineBytes } from './line-bytes.ts'
import { LineShapes } from './line-shapes.ts'
import { ObjectReader } from './object-reader.ts'
import { ShapeLearner } from './shape-learner.ts'
import { readShape, type ShapeParts } from './shape-reader.ts'
import { takeTexts } from './take-texts.ts'
import { kindIn, kinds, Tokens, tokenSize } from './tokens.ts'

const timePlace = placeOf('time')
const pathPlace = placeOf('path')
const absent = -1
const unsure = -2
const size = tokenSize
const { plain, decimal, number } = kinds
const { remembered } = modes
const isTextField = Uint8Array.from(eventFieldNames, (name) => (eventFields[name].type === 'text' ? 1 : 0))
/** Of lines that are read, so many go by for one that is learned; so many are learned at once. */
const linesPerShape = 16
const creditMax = 128 * linesPerShape
/** Fields whose texts seldom come twice. */
const fresh: readonly EventField[] = ['id', 'trace', 'object.id', 'webhook.id']

/**
 * Reads canonical lines straight from their bytes. `read` is false where the bytes leave a doubt, and then the event
 * means nothing; else the event is what parsing the line whole would have given, in the needed fields.
 */
export class CanonicalProjection {
  readonly #line = new LineBytes()
  readonly #tokens = new Tokens()
  readonly #texts = new Tokens()
  readonly #objects = new ObjectReader(this.#line, this.#tokens, this.#texts)
  readonly #isoTime = new IsoTime()
  readonly #keys: KeyTable
  readonly #reader: FieldReader
  readonly #shapes: ShapeParts
  readonly #learner: ShapeLearner
  #credit = creditMax
  /** Lines read by their shape. */
  shaped = 0

  constructor(options: PathOptions, needed: Uint8Array) {
    const paths = new PathReader(options)
    const convert = (place: number, value: unknown) => {
      const field = eventFieldNames[place] as EventField
      const checked = fieldValue(field, value)
      if (checked === undefined) return undefined
      return place === pathPlace ? paths.read(checked as string) : spelled(field, checked)
    }
    const reader = new FieldReader(this.#line, this.#tokens, convert, fresh)
    this.#reader = reader
    this.#keys = canonicalKeys(needed, (place) => notedApart(reader, place))
    const shapes = new LineShapes()
    this.#shapes = { shapes, fields: reader, texts: this.#texts, isoTime: this.#isoTime }
    this.#learner = new ShapeLearner(shapes, reader, canonicalMeanings(needed))
  }

  read(bytes: Uint8Array, start: number, end: number, event: EventRecord): boolean {
    if (end - start > lineBytesMax) return false
    this.#line.open(bytes, start, end)
    event.clear()
    if (this.#credit < creditMax) this.#credit++
    if (readShape(this.#shapes, event)) {
      this.shaped++
      takeTexts(this.#reader.texts, this.#texts, this.#line, event)
      return !Number.isNaN(event.time) && this.#finish(event, this.#tokens.length > 0 ? 0 : absent)
    }
    if (!this.#readWhole(event)) return false
    if (this.#credit < linesPerShape) return true
    this.#credit -= linesPerShape
    this.#learner.learn()
    return true
  }

  /** Reads a line whose shape is not known. */
  #readWhole(event: EventRecord): boolean {
    if (!this.#objects.read(this.#keys)) return false
    event.clear()
    takeTexts(this.#reader.texts, this.#texts, this.#line, event)
    const pathToken = takeOthers(this.#reader, this.#isoTime, event)
    return pathToken !== unsure && !Number.isNaN(event.time) && this.#finish(event, pathToken)
  }

  #finish(event: EventRecord, pathToken: number): boolean {
    if (pathToken === absent) normalise(event, undefined)
    else if (this.#isPlainPath(event, pathToken)) {
      normalise(event, undefined)
      event.path = sourceOf(this.#reader, pathToken) as string
    } else {
      const kind = kindIn(this.#tokens.ints[pathToken] as number)
      if (kind === kinds.decimal || kind === kinds.number) return false
      normalise(event, valueAt(this.#reader, pathToken) as PathFacts | undefined)
    }
    return true
  }

  /** Whether the path is kept as it is and nothing is derived from it: no need to remember what it tells. */
  #isPlainPath(event: EventRecord, token: number): boolean {
    if (event.route === undefined || event['object.id'] === undefined || event.method === 'CONNECT')
      return false
    const { ints } = this.#tokens
    const { bytes } = this.#line
    const from = ints[token + 1] as number
    const end = ints[token + 2] as number
    if (kindIn(ints[token] as number) !== kinds.plain || bytes[from] !== 0x2f || end - from > pathLengthMax)
      return false
    for (let at = from; at < end; at++) {
      const byte = bytes[at]
      if (byte === 0x3f || byte === 0x23 || byte === 0x3b) return false
    }
    return true
  }
}

/** Takes the fields that are not noted apart, but for the path; gives its token, `absent`, or `unsure`. */
function takeOthers(reader: FieldReader, isoTime: IsoTime, event: EventRecord): number {
  const { ints, length } = reader.tokens
  let path = absent
  for (let token = 0; token < length; token = (token + size) | 0) {
    const head = ints[token] as number
    const place = head & 0xff
    const kind = (head >> 8) & 0xff
    if (place === timePlace) {
      const time = instant(reader, isoTime, token, kind)
      if (time === undefined) return unsure
      event.time = time
    } else if (place === pathPlace) path = token
    else {
      // A number's digits may be lost, and others' with it: see the parser.
      if ((kind === decimal || kind === number) && isTextField[place] === 1) return unsure
      const value = valueAt(reader, token)
      if (value === undefined) continue
      // Which of two spellings is the later one does not show where plain texts were noted apart.
      const isTold =
        reader.modes[place] === remembered && event[eventFieldNames[place] as EventField] !== undefined
      if (isTold) return unsure
      event.set(place, value)
    }
  }
  return path
}

function instant(reader: FieldReader, isoTime: IsoTime, token: number, kind: number): number | undefined {
  const { ints } = reader.tokens
  if (kind === plain) {
    const time = isoTime.read(reader.line, ints[token + 1] as number, ints[token + 2] as number)
    if (time !== undefined) return time
  }
  return strictInstant(sourceOf(reader, token))
}
