import type { FormatId } from '../formats.ts'
import { parseObject } from '../json-object.ts'
import { jsonParts } from './json-parts.ts'
import { textParts } from './text-parts.ts'

/** A piece of a line that a person has a name for: a key of an object, or a column. */
export interface LinePart {
  /** As an operator would write it in `fields`: a dotted path, a column's name or place. */
  readonly key: string
  /** What stands there, as `JSON.parse` gives it or as text. */
  readonly value: unknown
  /** The line without it. */
  without(): string
  /** The line with another value in its place; `undefined` where that can't be written. */
  replaced(value: unknown): string | undefined
  /** A line of this part and the given ones alone; `undefined` where a line needs all its parts. */
  alone(others: readonly LinePart[]): string | undefined
}

/** Most parts of a line that are looked at. */
export const partsMax = 400

/** The parts of a line; none when it is nothing that the format could read. */
export function partsOf(format: FormatId, line: string, columns?: string): readonly LinePart[] {
  const parsed = parseObject(Buffer.from(line))
  if (parsed.outcome === 'object') return jsonParts(parsed.object).slice(0, partsMax)
  return line.trimStart().startsWith('{') ? [] : textParts(format, line, columns).slice(0, partsMax)
}
