import type { RawRecord } from '../../../core/ports/source.ts'
import { recordBytesMax, truncatedBytes } from '../lines/record-limits.ts'
import { HttpProblem } from './http-problem.ts'

const quote = 0x22
const comma = 0x2c
const backslash = 0x5c
const arrayStart = 0x5b
const arrayEnd = 0x5d

/**
 * The elements of a JSON array, or JSON values one after the other, as records whose offset is their place. Only where
 * values end is looked at: what is in them is for the decoder to judge. Throws `HttpProblem` with the line.
 */
export function jsonValues(body: Buffer, countMax: number): RawRecord[] {
  const records: RawRecord[] = []
  const take = (start: number, end: number) => {
    if (records.length >= countMax) throw new HttpProblem(413, tooMany(countMax))
    const truncated = end - start > recordBytesMax
    const cut = truncated ? start + truncatedBytes : end
    records.push({ bytes: body, start, end: cut, offset: records.length, ...(truncated && { truncated }) })
  }
  const first = skipSpace(body, hasMark(body) ? 3 : 0)
  if (body[first] === arrayStart) cutArray(body, first, take)
  else {
    for (let at = first; at < body.length; ) {
      const end = valueEnd(body, at)
      take(at, end)
      at = skipSpace(body, end)
    }
  }
  return records
}

export function tooMany(countMax: number): string {
  return `the body holds more than ${countMax} events: send them in parts`
}

function cutArray(body: Buffer, first: number, take: (start: number, end: number) => void): void {
  let at = skipSpace(body, first + 1)
  if (body[at] !== arrayEnd) {
    for (;;) {
      const end = valueEnd(body, at)
      take(at, end)
      at = skipSpace(body, end)
      if (body[at] === arrayEnd) break
      if (at >= body.length) throw problem(body, first, 'the array that begins here has no end')
      if (body[at] !== comma) throw problem(body, at, 'a comma or the end of the array is missing')
      at = skipSpace(body, at + 1)
    }
  }
  const rest = skipSpace(body, at + 1)
  if (rest < body.length) throw problem(body, rest, 'something follows the end of the array')
}

/** Where the value that begins here ends. */
function valueEnd(body: Buffer, start: number): number {
  const first = body[start]
  if (first === quote) return stringEnd(body, start)
  if (first !== undefined && isOpening(first)) return nestedEnd(body, start)
  let at = start
  while (at < body.length && isPlain(body[at] as number)) at++
  if (at === start) throw problem(body, start, 'a value is missing')
  return at
}

function nestedEnd(body: Buffer, start: number): number {
  let depth = 0
  for (let at = start; at < body.length; at++) {
    const byte = body[at] as number
    if (byte === quote) at = stringEnd(body, at) - 1
    else if (isOpening(byte)) depth++
    else if (isClosing(byte) && --depth === 0) return at + 1
  }
  throw problem(body, start, 'the value that begins here has no end')
}

function stringEnd(body: Buffer, start: number): number {
  for (let at = start + 1; at < body.length; at++) {
    if (body[at] === backslash) at++
    else if (body[at] === quote) return at + 1
  }
  throw problem(body, start, 'the text that begins here has no end')
}

function isOpening(byte: number): boolean {
  return byte === 0x7b || byte === arrayStart
}

function isClosing(byte: number): boolean {
  return byte === 0x7d || byte === arrayEnd
}

/** Part of a number, a literal, or of what is neither. */
function isPlain(byte: number): boolean {
  return !isSpace(byte) && byte !== comma && byte !== quote && !isOpening(byte) && !isClosing(byte)
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function skipSpace(body: Buffer, from: number): number {
  let at = from
  while (at < body.length && isSpace(body[at] as number)) at++
  return at
}

function hasMark(body: Buffer): boolean {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf
}

function problem(body: Buffer, at: number, why: string): HttpProblem {
  let line = 1
  for (let end = body.indexOf(0x0a); end !== -1 && end < at; end = body.indexOf(0x0a, end + 1)) line++
  const message = `line ${line}, byte ${at}: ${why}; nothing of the body was taken`
  return new HttpProblem(400, message)
}
