import { type EventField, eventFieldNames, eventFields } from '../../../core/event/event-fields.ts'
import { placeOf } from '../places.ts'
import { FewValues } from './few-values.ts'
import { type FieldReader, modes } from './field-reader.ts'
import { type Effect, type LineShapes, type Segment, segmentAt, slots } from './line-shapes.ts'
import { skipText, skipValue } from './skip-value.ts'
import { listOfOne } from './tokens.ts'

/** What keys mean: a place each, or a group with keys of its own. */
export type KeyMeanings = ReadonlyMap<string, number | KeyMeanings>

/** A line of more segments is not learned. */
const segmentsMax = 96
const lineLengthMax = 2048
const timePlace = placeOf('time')
const plainText = /"([ !#-[\]-~]*)"/y
const plainTexts = /\[(?:"[ !#-[\]-~]*"(?:,"[ !#-[\]-~]*")*)?\]/y
const anyNumber = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const wholeNumber = /^(?:0|[1-9]\d{0,14})$/
/** For texts, by how a place's values are had. */
const slotOf: ReadonlyMap<number | undefined, number> = new Map([
  [modes.remembered, slots.text],
  [modes.path, slots.path],
  [modes.fresh, slots.fresh],
])
const space = /[ \t\n\r]*/y
const nothing = /null/y

/** Learns the shapes of lines that were read the long way: valid ones, and no key that means something comes twice. */
export class ShapeLearner {
  readonly #shapes: LineShapes
  readonly #fields: FieldReader
  readonly #meanings: KeyMeanings
  /** Values of fields that have few stay in the segments; the others get slots, for which all is learned anew. */
  readonly #few: FewValues
  // Of the line at hand:
  #text = ''
  #at = 0
  #from = 0
  #skeletonAt = 0
  #skeleton = ''
  #effects: Effect[] = []
  #segments: (Segment & { readonly skeleton: string })[] = []
  readonly #told = new Set<number>()

  constructor(shapes: LineShapes, fields: FieldReader, meanings: KeyMeanings) {
    this.#shapes = shapes
    this.#few = new FewValues(() => shapes.forget())
    this.#fields = fields
    this.#meanings = meanings
  }

  /** Learns the line that was just read, if its shape is a simple one. */
  learn(): void {
    const { bytes, start, end } = this.#fields.line
    if (end - start > lineLengthMax) return
    this.#text = bytes.toString('latin1', start, end)
    this.#at = 0
    this.#from = 0
    this.#skeletonAt = 0
    this.#skeleton = ''
    this.#effects = []
    this.#segments = []
    this.#told.clear()
    this.#match(space)
    if (!this.#take('{') || !this.#object(this.#meanings, 1)) return
    this.#match(space)
    if (this.#at !== this.#text.length) return
    this.#slot(slots.end, 0)
    if (this.#segments.length <= segmentsMax && !this.#keep()) this.#shapes.forget()
  }

  #keep(): boolean {
    const shapes = this.#shapes
    const { view, start } = this.#fields.line
    let state = shapes.stateOf('')
    for (const { skeleton, ...own } of this.#segments) {
      const segment = { ...own, from: start + own.from, end: start + own.end }
      const known = this.#known(state, segment, view)
      const target = segment.slot === slots.end ? 0 : shapes.stateOf(skeleton)
      if (!known && !shapes.add(state, segment, target, view)) return false
      state = target
    }
    return true
  }

  #known(state: number, { from, end, slot, place }: Segment, view: DataView): boolean {
    const { segments } = this.#shapes
    const known = segmentAt(this.#shapes, state, view, from, end)
    return (
      known >= 0 &&
      segments[known] === end - from &&
      segments[known + 2] === slot &&
      segments[known + 3] === place
    )
  }

  /** The members of an object behind its brace. */
  #object(meanings: KeyMeanings, depth: number): boolean {
    this.#match(space)
    if (this.#take('}')) return true
    for (;;) {
      this.#match(space)
      const key = this.#match(plainText)?.[1]
      if (key === undefined) return false
      this.#match(space)
      if (!this.#take(':')) return false
      this.#match(space)
      if (!this.#value(meanings.get(key), depth)) return false
      this.#match(space)
      if (this.#take('}')) return true
      if (!this.#take(',')) return false
    }
  }

  #value(meaning: number | KeyMeanings | undefined, depth: number): boolean {
    if (meaning === undefined) return this.#skipped(depth)
    // It tells nothing, wherever it stands.
    if (this.#match(nothing)) return true
    if (typeof meaning !== 'number') return this.#take('{') && this.#object(meaning, depth + 1)
    if (this.#told.has(meaning)) return false
    this.#told.add(meaning)
    if (this.#text[this.#at] === '"') return this.#textValue(meaning)
    if (this.#text[this.#at] === '[') return this.#listValue(meaning)
    const number = this.#peek(anyNumber)
    return number !== undefined && this.#numberValue(meaning, number)
  }

  #numberValue(place: number, number: string): boolean {
    const mode = this.#fields.modes[place]
    const { type } = eventFields[eventFieldNames[place] as EventField]
    if (mode === modes.number) {
      const isWhole = wholeNumber.test(number)
      if (!isWhole) this.#few.setMany(place)
      const hint = isWhole ? this.#few.hintOf(place, number) : undefined
      if (hint !== undefined) return this.#embed({ place, value: Number(number), hint }, number.length)
      this.#slot(slots.number, place)
    } else if (mode === modes.converted && type === 'instant' && place !== timePlace) {
      this.#slot(slots.converted, place)
    } else return false
    this.#goTo(this.#at + number.length)
    return true
  }

  #skipped(depth: number): boolean {
    const { bytes, view, start, end } = this.#fields.line
    const isText = this.#take('"')
    this.#slot(isText ? slots.skippedText : depth === 1 ? slots.skipped : slots.skippedInner, 0)
    const at = start + this.#at
    const behind = isText ? skipText(bytes, view, at) : skipValue(bytes, view, at, end, depth)
    this.#goTo(behind - start)
    return behind >= 0
  }

  #textValue(place: number): boolean {
    const plain = this.#peek(plainText)
    if (plain === undefined) return false
    const content = plain.slice(1, -1)
    const mode = this.#fields.modes[place]
    const hint = mode === modes.remembered ? this.#few.hintOf(place, content) : undefined
    if (hint !== undefined) return this.#embed({ place, value: content, hint }, plain.length)
    const slot = place === timePlace ? slots.time : slotOf.get(mode)
    if (slot === undefined) return false
    this.#at++
    this.#slot(slot, place)
    this.#goTo(this.#at + plain.length - 1)
    return true
  }

  /** A list of plain texts; where there are many lists, of one text. */
  #listValue(place: number): boolean {
    const { type } = eventFields[eventFieldNames[place] as EventField]
    const list = this.#peek(plainTexts)
    if (type !== 'texts' || list === undefined) return false
    const hint = this.#few.hintOf(place, list)
    if (hint !== undefined) return this.#embed({ place, value: JSON.parse(list), hint }, list.length)
    this.#at++
    const plain = this.#peek(plainText)
    if (plain === undefined || this.#text[this.#at + plain.length] !== ']') return false
    this.#at++
    this.#slot(slots.text, place | listOfOne)
    this.#goTo(this.#at + plain.length - 1)
    this.#at++
    return true
  }

  /** Leaves the value in its segment. */
  #embed({ place, value, hint }: Effect, length: number): boolean {
    const told = this.#fields.convert(place, value)
    if (told !== undefined) this.#effects.push({ place, value: told, hint })
    this.#skeleton += `${this.#text.slice(this.#skeletonAt, this.#at)}\u0001${place}\u0001`
    this.#at += length
    this.#skeletonAt = this.#at
    return true
  }

  /** Ends the segment: what follows is a value. */
  #slot(slot: number, place: number): void {
    this.#skeleton += `${this.#text.slice(this.#skeletonAt, this.#at)}\u0002${slot} ${place}\u0002`
    this.#segments.push({
      from: this.#from,
      end: this.#at,
      slot,
      place,
      effects: this.#effects,
      skeleton: this.#skeleton,
    })
    this.#effects = []
    this.#skeletonAt = this.#at
  }

  /** Goes on behind a slot's value. */
  #goTo(at: number): void {
    this.#at = at
    this.#from = at
    this.#skeletonAt = at
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match) this.#at += match[0].length
    return match
  }

  #peek(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#text)?.[0]
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }
}
