import type { Buffer } from 'node:buffer'
import type { ExtraFields } from '../combined/combined-parser.ts'
import { extrasMax } from '../combined/log-line.ts'
import { placeOf } from '../places.ts'
import { asciiText } from './ascii-text.ts'
import { quotedEnd } from './cut-combined.ts'
import { modes } from './field-reader.ts'
import { type TextTaker, takeText } from './take-text.ts'

const space = 0x20
const quote = 0x22
const keyLengthMax = 64

/** Takes the fields after the combined part; false where they are not plain ASCII. */
export function takeExtras(taker: TextTaker, from: number, end: number, extras: ExtraFields): boolean {
  const { reader, fields } = taker
  const { bytes, view } = reader.line
  let at = from
  for (let position = 0; at < end && position < extrasMax; ) {
    if (bytes[at] === space) {
      at++
      continue
    }
    const keyEnd = endOfKey(bytes, at)
    const key = keyEnd > 0 ? asciiText(bytes, at, keyEnd) : undefined
    if (keyEnd > 0) at = keyEnd + 1
    const isQuoted = bytes[at] === quote
    const start = isQuoted ? at + 1 : at
    const valueEnd = isQuoted ? quotedEnd(view, start) : wordEnd(bytes, start, end)
    if (valueEnd < 0 || valueEnd > end) return false
    const field = extras.fieldOf(key, position)
    if (field !== undefined) {
      const place = placeOf(field)
      if (reader.modes[place] === modes.remembered)
        takeText(taker, place, start, valueEnd, extras.rankOf(key, position))
      else {
        const value = asciiText(bytes, start, valueEnd)
        extras.take(key === undefined ? { value } : { key, value }, position, fields)
      }
    }
    at = isQuoted ? valueEnd + 1 : valueEnd
    position++
  }
  return true
}

/** The end of a key before `=`; 0 when there is none. */
function endOfKey(bytes: Buffer, from: number): number {
  let at = from
  while (isKeyByte(bytes[at] as number, at === from) && at - from < keyLengthMax) at++
  return at > from && bytes[at] === 0x3d ? at : 0
}

function isKeyByte(byte: number, isFirst: boolean): boolean {
  const letter = byte | 0x20
  if ((letter >= 0x61 && letter <= 0x7a) || byte === 0x5f) return true
  return !isFirst && ((byte >= 0x30 && byte <= 0x39) || byte === 0x2e || byte === 0x2d)
}

/** The end of a value without quotes; -1 when it is not plain ASCII. */
function wordEnd(bytes: Buffer, from: number, end: number): number {
  let at = from
  for (; at < end && bytes[at] !== space; at++) {
    const byte = bytes[at] as number
    if (byte < space || byte >= 0x7f) return -1
  }
  return at
}
