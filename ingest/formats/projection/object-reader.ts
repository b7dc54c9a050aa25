import { depthMax } from '../limits.ts'
import { actionShift, actions, closed, hasRun, type KeyTable, keySize, textBit } from './key-table.ts'
import type { LineBytes } from './line-bytes.ts'
import { skipSpace, skipText, skipValue } from './skip-value.ts'
import {
  addList,
  addObject,
  addOther,
  addText,
  repeatLast,
  type Tokens,
  tokenHead,
  tokensLengthMax,
} from './tokens.ts'

const comma = 0x2c
const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const unsure = -1
// What this module alone names is part of its compiled code; what others export is looked up each time.
const { skip, special, text: apartText, list: apartList, enter } = actions
const none: readonly never[] = []
const matches = hasRun
const plainText = addText
const skipped = skipText
const isTextBit = textBit
const toAction = actionShift
const fullLength = tokensLengthMax
const size = keySize

/**
 * Reads a JSON object once, from its first byte to its last: validates all of it, and notes where the wanted values
 * stand. `unsure` is whatever it can't vouch for: no JSON, or JSON whose meaning hangs on more than the bytes at hand
 * (escapes in keys, keys that come twice, too many of them).
 */
export class ObjectReader {
  readonly line: LineBytes
  readonly tokens: Tokens
  /** Plain texts that are noted apart. */
  readonly texts: Tokens
  /** Objects read so far: by it keys are told that come twice in one. */
  objects = 0

  constructor(line: LineBytes, tokens: Tokens, texts: Tokens = tokens) {
    this.line = line
    this.tokens = tokens
    this.texts = texts
  }

  /** Reads the line as one object; false when unsure. */
  read(table: KeyTable): boolean {
    const { bytes, start, end } = this.line
    this.tokens.length = 0
    this.texts.length = 0
    const at = skipSpace(bytes, start, end)
    if (bytes[at] !== openBrace) return false
    const behind = readObject(this, table, at + 1, 1)
    return behind >= 0 && behind <= end && skipSpace(bytes, behind, end) === end
  }
}

/** Behind the object whose first key is at `from`, or `unsure`. */
function readObject(reader: ObjectReader, table: KeyTable, from: number, depth: number): number {
  const { line, tokens, texts } = reader
  const { bytes, view } = line
  const { keys } = table
  if (table.isFull) table.forget()
  const object = (reader.objects + 1) | 0
  reader.objects = object
  let at = from | 0
  let key = 0
  for (;;) {
    const previous = key
    key = keys[previous * size + 3] as number
    let info = keys[key * size] as number
    let isText = (info & isTextBit) !== 0
    if (matches(table, view, key, info & 0xff, at)) {
      at = (at + (info & 0xff)) | 0
      // What was no text the last time may be one this time.
      if (!isText && bytes[at] === quote) {
        isText = true
        at = (at + 1) | 0
      }
    } else {
      key = table.read(line, previous, at)
      if (key < 0) return key === closed ? table.valueAt : unsure
      info = keys[key * size] as number
      isText = table.isText
      at = table.valueAt | 0
    }
    const action = info >> toAction
    if (action === skip) {
      at = isText ? skipped(bytes, view, at) : skipValue(bytes, view, at, line.end, depth)
    } else if (keys[key * size + 2] === object || tokens.length >= fullLength) return unsure
    else {
      keys[key * size + 2] = object
      const head = keys[key * size + 1] as number
      if (action === enter) at = readGroup(reader, table, key, at, isText, depth)
      else if (action === special) at = readSpecial(reader, table, key, at, isText, depth, object)
      else if (isText) at = plainText(action === apartText ? texts : tokens, tokens, line, at, head)
      else if (action === apartList) at = addList(texts, tokens, line, at, head, depth)
      else at = addOther(tokens, line, at, head, depth)
    }
    if (at < 0) return unsure
    let byte = bytes[at] as number
    if (byte !== comma && byte !== closeBrace) {
      at = skipSpace(bytes, at, line.end)
      byte = bytes[at] as number
    }
    at = (at + 1) | 0
    if (byte === closeBrace) return at
    if (byte !== comma) return unsure
  }
}

/** A value that matters only as an object. */
function readGroup(
  reader: ObjectReader,
  table: KeyTable,
  key: number,
  at: number,
  isText: boolean,
  depth: number,
): number {
  const { bytes, view, end } = reader.line
  if (isText) return skipText(bytes, view, at)
  if (bytes[at] !== openBrace) return skipValue(bytes, view, at, end, depth)
  return depth < depthMax ? readObject(reader, table.uses[key]?.inner as KeyTable, at + 1, depth + 1) : unsure
}

/** A value that goes to several places, may be told elsewhere too, or may be an object that is looked into. */
function readSpecial(
  reader: ObjectReader,
  table: KeyTable,
  key: number,
  at: number,
  isText: boolean,
  depth: number,
  object: number,
): number {
  const { line, tokens } = reader
  const { bytes, view, end } = line
  const { inner, takes = none, mayBeText, alternativeOf = none, isDoubtful } = table.uses[key] ?? {}
  if (isDoubtful) return unsure
  for (const thing of alternativeOf) {
    if (table.told[thing] === object) return unsure
    table.told[thing] = object
  }
  if (isText && mayBeText && (bytes[at] === openBrace || bytes[at] === backslash)) return unsure
  const before = tokens.length
  let behind: number
  if (inner && !isText && bytes[at] === openBrace) {
    behind = depth < depthMax ? readObject(reader, inner, at + 1, depth + 1) : unsure
    if (behind < 0 || takes.length === 0) return behind
    if (tokens.length >= fullLength) return unsure
    addObject(tokens, at, behind, table.keys[key * size + 1] as number)
  } else if (takes.length === 0) {
    return isText ? skipText(bytes, view, at) : skipValue(bytes, view, at, end, depth)
  } else {
    const head = table.keys[key * size + 1] as number
    behind = isText ? addText(tokens, tokens, line, at, head) : addOther(tokens, line, at, head, depth)
    if (behind < 0 || tokens.length === before) return behind
  }
  for (const { place, rank } of takes.slice(1)) {
    if (tokens.length >= fullLength) return unsure
    repeatLast(tokens, tokenHead(place, rank))
  }
  return behind
}
