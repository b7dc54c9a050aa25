import type { Buffer } from 'node:buffer'
import type { LineBytes } from './line-bytes.ts'
import { skipNumber, skipText, skipValue } from './skip-value.ts'
import { hashKey, shiftOf, stopsIn } from './text-hash.ts'

/** What stands at a token. */
export const kinds = {
  /** Text of ASCII without escapes, hashed. */
  plain: 0,
  /** Other text: it has escapes, or bytes from 0x80 on. */
  text: 1,
  /** A whole number of at most 15 digits, written as `String` writes it. */
  whole: 2,
  /** A number with a fraction, of at most 15 digits. */
  decimal: 3,
  /** Any other number. */
  number: 4,
  true: 5,
  false: 6,
  list: 7,
  object: 8,
} as const

/** The integers of a token, in this order: head, start, end, hash, last bytes. Texts without their quotes. */
export const tokenSize = 8
const tokensMax = 256
/** Of `ints`: no token is added beyond. */
export const tokensLengthMax = tokensMax * tokenSize
const digitsMax = 15
const powersOfTen = Float64Array.from({ length: digitsMax + 1 }, (_, power) => 10 ** power)
// What this module alone names is part of its compiled code; what it exports is looked up each time.
const { seed, multiplier } = hashKey
const stopsOf = stopsIn
const shiftTo = shiftOf
const size = tokenSize
const { text, whole, decimal, number: otherNumber } = kinds

/** Set in the place of a token that stands for a list of one text. Places are below it. */
export const listOfOne = 0x80

/** A head's parts: place in bits 0 to 7, kind in 8 to 15, rank in 16 to 23. */
export function tokenHead(place: number, rank = 0): number {
  return place | ((rank + 128) << 16)
}
export function placeIn(head: number): number {
  return head & 0xff
}
export function kindIn(head: number): number {
  return (head >> 8) & 0xff
}
export function rankIn(head: number): number {
  return (head >> 16) - 128
}

/**
 * Where the wanted values of a line stand, in the line's order. Reading goes in two steps, because most of the time of a
 * lookup is spent waiting for memory: with all lookups of a line in one loop the waits overlap.
 */
export class Tokens {
  readonly ints = new Int32Array(tokensLengthMax)
  /** Values of the numbers of at most 15 digits, by token. */
  readonly numbers = new Float64Array(tokensMax)
  /** Of `ints`, in use. */
  length = 0
}

// Functions and not methods: a method's compiled code looks up even the constants of its module.

/**
 * Adds the text whose content starts at `from`, to `texts` when it is plain, else to `tokens`; gives the position behind
 * it, or `unsure`.
 */
export function addText(texts: Tokens, tokens: Tokens, line: LineBytes, from: number, head: number): number {
  const { view } = line
  const { ints, length } = texts
  let hash = seed | 0
  let at = from | 0
  let word = view.getInt32(at, true)
  let stops = stopsOf(word)
  while (stops === 0) {
    hash = (Math.imul(hash, multiplier) + word) | 0
    at = (at + 4) | 0
    word = view.getInt32(at, true)
    stops = stopsOf(word)
  }
  const shift = shiftTo(stops)
  if (((word >>> shift) & 0xff) !== 0x22) return addOtherText(tokens, line, from, at, head)
  at = (at + (shift >> 3)) | 0
  const tail = word & ((1 << shift) - 1)
  ints[length] = head
  ints[length + 1] = from
  ints[length + 2] = at
  ints[length + 3] = (Math.imul(hash, multiplier) + tail) | 0
  ints[length + 4] = tail
  texts.length = (length + size) | 0
  return (at + 1) | 0
}

function addOtherText(
  tokens: Tokens,
  { bytes, view }: LineBytes,
  from: number,
  at: number,
  head: number,
): number {
  const end = skipText(bytes, view, at)
  if (end >= 0) add(tokens, head | (text << 8), from, end - 1)
  return end
}

/** Adds ASCII without escapes whose ends are known. */
export function addPlain(tokens: Tokens, { view }: LineBytes, from: number, end: number, head: number): void {
  const { ints, length } = tokens
  let hash = seed | 0
  let at = from | 0
  for (const last = (end - 4) | 0; at <= last; at = (at + 4) | 0) {
    hash = (Math.imul(hash, multiplier) + view.getInt32(at, true)) | 0
  }
  const tail = view.getInt32(at, true) & ((1 << ((end - at) * 8)) - 1)
  ints[length] = head
  ints[length + 1] = from
  ints[length + 2] = end
  ints[length + 3] = (Math.imul(hash, multiplier) + tail) | 0
  ints[length + 4] = tail
  tokens.length = (length + size) | 0
}

/** As `addOther`; of a list of one plain text that text is added to `texts`, marked by `listOfOne`. */
export function addList(
  texts: Tokens,
  tokens: Tokens,
  line: LineBytes,
  at: number,
  head: number,
  depth: number,
): number {
  const { bytes } = line
  if (bytes[at] === 0x5b && bytes[at + 1] === 0x22) {
    const before = texts.length
    const others = tokens.length
    const next = addText(texts, tokens, line, at + 2, head | listOfOne)
    if (next >= 0 && texts.length > before && bytes[next] === 0x5d) return next + 1
    texts.length = before
    tokens.length = others
  }
  return addOther(tokens, line, at, head, depth)
}

/** Adds what stands at `at` and is no text; gives the position behind it, or `unsure`. `null` is no token. */
export function addOther(tokens: Tokens, line: LineBytes, at: number, head: number, depth: number): number {
  const { bytes, view, end } = line
  const byte = bytes[at] as number
  if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) return addNumber(tokens, bytes, at, head)
  const next = skipValue(bytes, view, at, end, depth)
  if (next < 0) return next
  if (byte === 0x74) add(tokens, head | (kinds.true << 8), at, next)
  else if (byte === 0x66) add(tokens, head | (kinds.false << 8), at, next)
  else if (byte === 0x5b) add(tokens, head | (kinds.list << 8), at, next)
  else if (byte === 0x7b) add(tokens, head | (kinds.object << 8), at, next)
  return next
}

function addNumber(tokens: Tokens, bytes: Buffer, from: number, head: number): number {
  const isNegative = bytes[from] === 0x2d
  const first = isNegative ? from + 1 : from
  let at = first
  let value = 0
  let digit = ((bytes[at] as number) - 0x30) | 0
  while (digit >= 0 && digit <= 9) {
    value = value * 10 + digit
    at = (at + 1) | 0
    digit = ((bytes[at] as number) - 0x30) | 0
  }
  let digits = (at - first) | 0
  if (digits === 0 || (digits > 1 && bytes[first] === 0x30)) return -1
  let kind: number = whole
  if (bytes[at] === 0x2e) {
    const fraction = ++at
    digit = ((bytes[at] as number) - 0x30) | 0
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit
      at = (at + 1) | 0
      digit = ((bytes[at] as number) - 0x30) | 0
    }
    if (at === fraction) return -1
    digits += at - fraction
    // Both parts are exact up to 15 digits, so their quotient is rounded once, as the number itself would be.
    value /= powersOfTen[at - fraction] as number
    kind = decimal
  }
  const hasExponent = ((bytes[at] as number) | 0x20) === 0x65
  if (hasExponent || digits > digitsMax || (isNegative && value === 0)) {
    at = skipNumber(bytes, from)
    if (at < 0) return at
    kind = otherNumber
  }
  tokens.numbers[tokens.length / size] = isNegative ? -value : value
  add(tokens, head | (kind << 8), from, at)
  return at
}

function add(tokens: Tokens, head: number, start: number, end: number): void {
  const { ints, length } = tokens
  ints[length] = head
  ints[length + 1] = start
  ints[length + 2] = end
  tokens.length = (length + size) | 0
}

/** Adds an object that was read. */
export function addObject(tokens: Tokens, at: number, end: number, head: number): void {
  add(tokens, head | (kinds.object << 8), at, end)
}

/** Adds the last token once more, for another place. */
export function repeatLast(tokens: Tokens, head: number): void {
  const { ints, numbers, length } = tokens
  const last = length - size
  ints.copyWithin(length, last, length)
  ints[length] = head | ((ints[last] as number) & 0xff00)
  numbers[length / size] = numbers[last / size] as number
  tokens.length = length + size
}
