import { asciiText } from './ascii-text.ts'
import type { LineBytes } from './line-bytes.ts'
import { blocksOf, noEntry, probesMax, startMask, TextGeneration, tagMask } from './text-generation.ts'
import { mixedHash } from './text-hash.ts'

export interface TextBounds {
  /** Of each of the two generations. */
  readonly entriesMax: number
  readonly bytesMax: number
}

/** Longer texts are made anew each time: they seldom come twice. */
const lengthMax = 256
// What this module alone names is part of its compiled code; what others export is looked up each time.
const inStart = startMask
const inTag = tagMask

/**
 * Values of texts, found by the texts' bytes: a text that was seen before costs no string. In two generations, as
 * `BoundedCache`: what was used since the last turn survives the next one. Each text has a number as long as it is
 * remembered; then another gets it.
 */
export class TextTable<Value> {
  readonly make: (place: number, text: string) => Value | undefined
  recent: TextGeneration
  older: TextGeneration
  /** By number; 0 is no text's. */
  readonly values: (Value | undefined)[] = [undefined]
  /** The value that the last lookup made and did not keep, where it gave 0. */
  made: Value | undefined
  readonly #free: number[] = []

  /** `make` must be a pure function: what it gives is remembered. */
  constructor(make: (place: number, text: string) => Value | undefined, bounds: TextBounds) {
    this.make = make
    this.recent = new TextGeneration(bounds.entriesMax, bounds.bytesMax)
    this.older = new TextGeneration(bounds.entriesMax, bounds.bytesMax)
  }

  /** Entries held, both generations. */
  get size(): number {
    return this.recent.size + this.older.size
  }

  /** Forgets what was not used since the last turn. */
  turn(): void {
    const oldest = this.older
    oldest.clear((number) => {
      // Below 0 are those of texts that are in the other generation too.
      if (number < 0) return
      this.values[number] = undefined
      this.#free.push(number)
    })
    this.older = this.recent
    this.recent = oldest
  }

  /** The number that the next text gets, if `keep` follows. */
  get nextNumber(): number {
    return this.#free.at(-1) ?? this.values.length
  }

  /** Keeps a value under `nextNumber`. */
  keep(value: Value | undefined): void {
    const number = this.#free.pop() ?? this.values.length
    this.values[number] = value
  }
}

/**
 * The number of ASCII text in a field, by which `values` has its value; 0 when it is not kept, and its value is in `made`.
 * `hash` is that of its words, `tail` the bytes beyond its last whole word.
 */
export function lookUp<Value>(
  table: TextTable<Value>,
  line: LineBytes,
  place: number,
  from: number,
  end: number,
  hash: number,
  tail: number,
): number {
  const { recent } = table
  const { ints } = recent
  const mixed = mixedHash(hash, place)
  const slot = recent.slots[mixed & recent.mask] as number
  const first = (slot & inStart) << 1
  if (
    ((slot ^ mixed) & inTag) === 0 &&
    (((ints[first] as number) ^ ((place << 16) | (end - from))) | ((ints[first + 2] as number) ^ tail)) ===
      0 &&
    holds(recent, first, line.view, from, end)
  ) {
    return ints[first + 1] as number
  }
  return find(table, line, place, from, end, mixed, tail)
}

/** As `lookUp`, where the text is not in its first place. `hash` is mixed. */
export function find<Value>(
  table: TextTable<Value>,
  line: LineBytes,
  place: number,
  from: number,
  end: number,
  hash: number,
  tail: number,
): number {
  const key = (place << 16) | (end - from)
  const known = entry(table.recent, line.view, key, from, hash, tail)
  if (known !== noEntry) return numberIn(table.recent, known)
  if (end - from > lengthMax) return unkept(table, table.make(place, asciiText(line.bytes, from, end)))
  if (!table.recent.fits(end - from)) table.turn()
  const { recent, older } = table
  const old = entry(older, line.view, key, from, hash, tail)
  if (old !== noEntry) {
    const number = numberIn(older, old)
    // It has moved before, and the other generation lost it in growing.
    if (number < 0) return ~number
    const start = recent.add(key, hash, tail, number)
    if (start === noEntry) return number
    older.ints[old + 1] = ~number
    fill(recent, start, line.view, from, end)
    return number
  }
  const value = table.make(place, asciiText(line.bytes, from, end))
  const number = table.nextNumber
  const start = recent.add(key, hash, tail, number)
  if (start === noEntry) return unkept(table, value)
  table.keep(value)
  fill(recent, start, line.view, from, end)
  return number
}

function unkept<Value>(table: TextTable<Value>, value: Value | undefined): number {
  table.made = value
  return 0
}

function numberIn({ ints }: TextGeneration, first: number): number {
  return ints[first + 1] as number
}

/** The entry's first integer; `noEntry` when there is none. */
function entry(
  generation: TextGeneration,
  view: DataView,
  key: number,
  from: number,
  hash: number,
  tail: number,
): number {
  const { slots, ints, mask } = generation
  let at = hash & mask
  for (let probe = 0; probe < probesMax; probe++) {
    const slot = slots[at] as number
    if (slot === 0) return noEntry
    const first = (slot & inStart) << 1
    const isLike = ((slot ^ hash) & inTag) === 0 && ints[first] === key && ints[first + 2] === tail
    if (isLike && holds(generation, first, view, from, from + (key & 0xffff))) return first
    at = (at + 1) & mask
  }
  return noEntry
}

/** Whether the entry's bytes are these, given that lengths and last bytes are equal. */
export function holds(
  { ints, blocks }: TextGeneration,
  first: number,
  view: DataView,
  from: number,
  end: number,
): boolean {
  const last = (end - 8) | 0
  if (last < from) return end - from < 4 || ints[first + 4] === view.getInt32(from, true)
  let block = ((first + 4) >> 1) | 0
  let at = from | 0
  // As floating point numbers 8 bytes are compared at once; ASCII is never NaN, nor 0 with a sign.
  while (at < last) {
    if (blocks[block] !== view.getFloat64(at, true)) return false
    block = (block + 1) | 0
    at = (at + 8) | 0
  }
  return blocks[block] === view.getFloat64(last, true)
}

function fill(
  { ints, blocks }: TextGeneration,
  from: number,
  view: DataView,
  start: number,
  end: number,
): void {
  const length = end - start
  if (length < 4) return
  if (length < 8) {
    ints[from * 2] = view.getInt32(start, true)
    return
  }
  const count = blocksOf(length)
  for (let block = 0; block < count - 1; block++)
    blocks[from + block] = view.getFloat64(start + block * 8, true)
  blocks[from + count - 1] = view.getFloat64(end - 8, true)
}
