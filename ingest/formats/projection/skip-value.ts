import type { Buffer } from 'node:buffer'
import { depthMax } from '../limits.ts'
import { shiftOf } from './text-hash.ts'

/** What the bytes are is not sure: they may be no JSON. Stands for a position, of which none is negative. */
export const unsure = -1

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const opening = { object: 0x7b, list: 0x5b }
const closing = { object: 0x7d, list: 0x5d }

/** Behind the text whose content starts at `at`. Bytes from 0x80 on are characters or become U+FFFD; neither ends a text. */
export function skipText(bytes: Buffer, view: DataView, from: number): number {
  let at = from
  for (;;) {
    const word = view.getInt32(at, true)
    const stops =
      (((word ^ 0x02020202) - 0x21212121) | ((word ^ 0x5c5c5c5c) - 0x01010101)) & ~word & -0x7f7f7f80
    if (stops === 0) {
      at = (at + 4) | 0
      continue
    }
    const shift = shiftOf(stops)
    at = (at + (shift >> 3)) | 0
    const byte = (word >>> shift) & 0xff
    if (byte === quote) return (at + 1) | 0
    if (byte !== backslash) return unsure
    at = skipEscape(bytes, at + 1)
    if (at < 0) return unsure
  }
}

/** Behind the escape whose letter is at `at`. */
function skipEscape(bytes: Buffer, at: number): number {
  const letter = bytes[at] as number
  if (letter !== 0x75) return escapable.includes(letter) ? at + 1 : unsure
  for (let digit = 1; digit <= 4; digit++) if (!isHex(bytes[at + digit] as number)) return unsure
  return at + 5
}

const escapable: readonly number[] = [...'"\\/bfnrt'].map((letter) => letter.charCodeAt(0))

function isHex(byte: number): boolean {
  const letter = byte | 0x20
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66)
}

/** Behind the white space of JSON that starts at `at`, if any. */
export function skipSpace(bytes: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && isSpace(bytes[at] as number)) at++
  return at
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d
}

/** Behind the number that starts at `at`: RFC 8259 section 6. */
export function skipNumber(bytes: Buffer, from: number): number {
  const first = bytes[from] === 0x2d ? from + 1 : from
  let at = skipDigits(bytes, first)
  if (at === first || (bytes[first] === 0x30 && at > first + 1)) return unsure
  if (bytes[at] === 0x2e) {
    const fraction = at + 1
    at = skipDigits(bytes, fraction)
    if (at === fraction) return unsure
  }
  if (((bytes[at] as number) | 0x20) === 0x65) {
    const sign = bytes[at + 1]
    const exponent = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1
    at = skipDigits(bytes, exponent)
    if (at === exponent) return unsure
  }
  return at
}

function skipDigits(bytes: Buffer, from: number): number {
  let at = from
  while (((bytes[at] as number) - 0x30) >>> 0 <= 9) at++
  return at
}

/** Behind `true`, `false` or `null`. */
function skipLiteral(view: DataView, at: number): number {
  const word = view.getInt32(at, true)
  if (word === 0x65757274 || word === 0x6c6c756e) return at + 4
  return word === 0x736c6166 && view.getUint8(at + 4) === 0x65 ? at + 5 : unsure
}

/** Behind the value that starts at `at`, whatever it is; `depth` is how many lists and objects are open around it. */
export function skipValue(bytes: Buffer, view: DataView, at: number, end: number, depth: number): number {
  const byte = bytes[at] as number
  if (byte === quote) return skipText(bytes, view, at + 1)
  if (byte === opening.object)
    return depth < depthMax ? skipObject(bytes, view, at + 1, end, depth + 1) : unsure
  if (byte === opening.list) return depth < depthMax ? skipList(bytes, view, at + 1, end, depth + 1) : unsure
  if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) return skipNumber(bytes, at)
  return skipLiteral(view, at)
}

function skipObject(bytes: Buffer, view: DataView, from: number, end: number, depth: number): number {
  let at = skipSpace(bytes, from, end)
  if (bytes[at] === closing.object) return at + 1
  for (;;) {
    if (bytes[at] !== quote) return unsure
    at = skipText(bytes, view, at + 1)
    if (at < 0) return unsure
    at = skipSpace(bytes, at, end)
    if (bytes[at] !== colon) return unsure
    at = skipValue(bytes, view, skipSpace(bytes, at + 1, end), end, depth)
    if (at < 0) return unsure
    at = skipSpace(bytes, at, end)
    if (bytes[at] === closing.object) return at + 1
    if (bytes[at] !== comma) return unsure
    at = skipSpace(bytes, at + 1, end)
  }
}

function skipList(bytes: Buffer, view: DataView, from: number, end: number, depth: number): number {
  let at = skipSpace(bytes, from, end)
  if (bytes[at] === closing.list) return at + 1
  for (;;) {
    at = skipValue(bytes, view, at, end, depth)
    if (at < 0) return unsure
    at = skipSpace(bytes, at, end)
    if (bytes[at] === closing.list) return at + 1
    if (bytes[at] !== comma) return unsure
    at = skipSpace(bytes, at + 1, end)
  }
}
