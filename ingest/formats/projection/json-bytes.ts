import { depthMax } from '../limits.ts'

/** Bytes of JSON's grammar (RFC 8259 section 2). */
export const byte = {
  quote: 0x22,
  backslash: 0x5c,
  colon: 0x3a,
  comma: 0x2c,
  openBrace: 0x7b,
  closeBrace: 0x7d,
  openBracket: 0x5b,
  closeBracket: 0x5d,
  minus: 0x2d,
  plus: 0x2b,
  dot: 0x2e,
  zero: 0x30,
  nine: 0x39,
  space: 0x20,
} as const

/** Position of the next byte that is no white space. */
export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from
  for (;;) {
    const code = bytes[at]
    if (code !== byte.space && code !== 0x0a && code !== 0x0d && code !== 0x09) return at
    at++
  }
}

/** Position behind the string whose first quote is at `from`, −1 when it is none: its escapes are checked, not read. */
export function skipString(bytes: Uint8Array, from: number, end: number): number {
  let at = from + 1
  while (at < end) {
    const code = bytes[at] as number
    if (code === byte.quote) return at + 1
    if (code < byte.space) return -1
    if (code !== byte.backslash) at++
    else {
      at = skipEscape(bytes, at)
      if (at < 0) return -1
    }
  }
  return -1
}

function skipEscape(bytes: Uint8Array, from: number): number {
  switch (bytes[from + 1]) {
    case byte.quote:
    case byte.backslash:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return from + 2
    case 0x75:
      for (let at = from + 2; at < from + 6; at++) if (!isHex(bytes[at])) return -1
      return from + 6
    default:
      return -1
  }
}

function isHex(code: number | undefined): boolean {
  if (code === undefined) return false
  const lower = code | 0x20
  return isDigit(code) || (lower >= 0x61 && lower <= 0x66)
}

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= byte.zero && code <= byte.nine
}

/** Position behind the number that starts at `from`, −1 when it is none. */
export function skipNumber(bytes: Uint8Array, from: number): number {
  let at = bytes[from] === byte.minus ? from + 1 : from
  if (bytes[at] === byte.zero) at++
  else {
    if (!isDigit(bytes[at])) return -1
    while (isDigit(bytes[at])) at++
  }
  if (bytes[at] === byte.dot) {
    if (!isDigit(bytes[++at])) return -1
    while (isDigit(bytes[at])) at++
  }
  if (((bytes[at] ?? 0) | 0x20) === 0x65) {
    at++
    if (bytes[at] === byte.plus || bytes[at] === byte.minus) at++
    if (!isDigit(bytes[at])) return -1
    while (isDigit(bytes[at])) at++
  }
  return at
}

const literals = ['true', 'false', 'null'].map((text) => Buffer.from(text))

/** Position behind `true`, `false` or `null`, −1 when none of them starts at `from`. */
export function skipLiteral(bytes: Uint8Array, from: number): number {
  for (const literal of literals) {
    if (literal[0] !== bytes[from]) continue
    for (let at = 1; at < literal.length; at++) if (bytes[from + at] !== literal[at]) return -1
    return from + literal.length
  }
  return -1
}

/** Position behind the value that starts at `from`, −1 when there is none or it nests deeper than allowed. */
export function skipValue(bytes: Uint8Array, from: number, end: number, depth: number): number {
  const code = bytes[from]
  if (code === byte.quote) return skipString(bytes, from, end)
  if (code === byte.openBrace) return skipMembers(bytes, from, end, depth + 1)
  if (code === byte.openBracket) return skipItems(bytes, from, end, depth + 1)
  return code === byte.minus || isDigit(code) ? skipNumber(bytes, from) : skipLiteral(bytes, from)
}

function skipMembers(bytes: Uint8Array, from: number, end: number, depth: number): number {
  if (depth > depthMax) return -1
  let at = skipSpace(bytes, from + 1)
  if (bytes[at] === byte.closeBrace) return at + 1
  while (at < end) {
    if (bytes[at] !== byte.quote) return -1
    at = skipString(bytes, at, end)
    if (at < 0) return -1
    at = skipSpace(bytes, at)
    if (bytes[at] !== byte.colon) return -1
    at = skipValue(bytes, skipSpace(bytes, at + 1), end, depth)
    if (at < 0) return -1
    at = skipSpace(bytes, at)
    if (bytes[at] === byte.closeBrace) return at + 1
    if (bytes[at] !== byte.comma) return -1
    at = skipSpace(bytes, at + 1)
  }
  return -1
}

function skipItems(bytes: Uint8Array, from: number, end: number, depth: number): number {
  if (depth > depthMax) return -1
  let at = skipSpace(bytes, from + 1)
  if (bytes[at] === byte.closeBracket) return at + 1
  while (at < end) {
    at = skipValue(bytes, at, end, depth)
    if (at < 0) return -1
    at = skipSpace(bytes, at)
    if (bytes[at] === byte.closeBracket) return at + 1
    if (bytes[at] !== byte.comma) return -1
    at = skipSpace(bytes, at + 1)
  }
  return -1
}
