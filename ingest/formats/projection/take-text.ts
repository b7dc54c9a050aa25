import type { LineFields } from '../line-fields.ts'
import { type FieldReader, valueAt } from './field-reader.ts'
import { addPlain, tokenHead } from './tokens.ts'

/** What plain texts of a line are taken with. */
export interface TextTaker {
  readonly reader: FieldReader
  readonly fields: LineFields
  /** For each place, 1 when it is needed. */
  readonly needed: Uint8Array
}

/** Takes what plain ASCII text tells in a place, remembered if it came before. */
export function takeText(
  { reader, fields, needed }: TextTaker,
  place: number,
  from: number,
  end: number,
  rank: number,
): void {
  if (needed[place] !== 1 || !fields.isOpen(place, rank)) return
  const { tokens } = reader
  const token = tokens.length
  addPlain(tokens, reader.line, from, end, tokenHead(place))
  const told = valueAt(reader, token)
  if (told !== undefined) fields.put(place, told, rank, reader.hint)
}
