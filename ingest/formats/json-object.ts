import { Buffer } from 'node:buffer'
import type { Refused } from '../../core/event/decoder.ts'
import type { RefusalReason } from '../../core/event/refusal.ts'
import { depthMax, lineBytesMax } from './limits.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** The text of a record, or what became of it instead. */
export type BoundedText = { readonly outcome: 'text'; readonly text: string } | NoText
/** A JSON object with its text, or what became of the line instead. */
export type ParsedObject =
  | { readonly outcome: 'object'; readonly object: JsonObject; readonly text: string }
  | NoText
type NoText = { readonly outcome: 'none'; readonly decoded: 'skip' | Refused }

/** Text of a record, invalid UTF-8 replaced by U+FFFD, a byte-order mark and the line's end taken off. */
export function recordText(line: Uint8Array): string {
  const hasMark = line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf
  let end = line.length
  while (end > 0 && (line[end - 1] === 10 || line[end - 1] === 13)) end--
  return Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8', hasMark ? 3 : 0, end)
}

export function refused(reason: RefusalReason, detail: string): Refused {
  return { reason, detail: detail.slice(0, 200) }
}

/** Refuses a time, showing what was found in its place. */
export function timeInvalid(found: unknown): Refused {
  const shown = JSON.stringify(found)?.slice(0, 80)
  return refused('time_invalid', `time: expected epoch milliseconds or ISO 8601 with a zone, found ${shown}`)
}

function none(decoded: 'skip' | Refused): NoText {
  return { outcome: 'none', decoded }
}

/** The text of a record of any line format: blank lines are skipped, long ones refused before any work. */
export function boundedText(line: Uint8Array): BoundedText {
  if (line.length > lineBytesMax)
    return none(refused('too_long', `${line.length} bytes, at most ${lineBytesMax}`))
  const text = recordText(line)
  return text.trim() === '' ? none('skip') : { outcome: 'text', text }
}

/** Parses one line; what `JSON.parse` refuses is refused, and so is anything but an object of bounded depth. */
export function parseObject(line: Uint8Array): ParsedObject {
  const bounded = boundedText(line)
  if (bounded.outcome === 'none') return bounded
  const { text } = bounded
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const hint = /\\x[0-9a-fA-F]{2}/.test(text) ? ': \\xHH is no JSON escape, log with escape=json' : ''
    return none(refused('not_parsable', `not JSON${hint}`))
  }
  if (!isObject(value))
    return none(refused('not_an_object', `expected a JSON object, found ${kindOf(value)}`))
  if (mayNestDeeply(text) && depthOf(text) > depthMax) {
    return none(refused('too_deep', `nested deeper than ${depthMax}`))
  }
  return { outcome: 'object', object: value, text }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`
}

/** Few lines hold enough brackets to nest deeply; only those are looked at character by character. */
function mayNestDeeply(text: string): boolean {
  let opened = 0
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      opened += 1
      if (opened > depthMax) return true
    }
  }
  return false
}

/** Greatest nesting of valid JSON text. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (quoted) {
      if (code === 92) index += 1
      else if (code === 34) quoted = false
    } else if (code === 34) quoted = true
    else if (code === 123 || code === 91) deepest = Math.max(deepest, ++depth)
    else if (code === 125 || code === 93) depth -= 1
  }
  return deepest
}

const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g

/**
 * The same object with every number as its source text. Ids above 2^53 and such as `1.50` lose digits as numbers, so
 * whoever meets one in a text field parses the line again this way.
 */
export function withNumbersAsText(text: string): JsonObject {
  const quoted = text.replace(stringOrNumber, (token) => (token.startsWith('"') ? token : `"${token}"`))
  const value: unknown = JSON.parse(quoted)
  return isObject(value) ? value : {}
}
