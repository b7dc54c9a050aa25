import { isScalar, type Node, Scalar } from 'yaml'
import type { TextRange } from '../yaml/located-yaml.ts'

/**
 * Where a range of a scalar's value stands in the text of the file: quotes, escapes, folding and the indentation of
 * block scalars lie between the two. Exact but for escapes of double quotes beyond \" \\ and \n, where it may be late.
 */
export function scalarRange(text: string, node: Node, value: string, range: TextRange): TextRange {
  if (!isScalar(node) || !node.range) return { start: 0, end: 1 }
  const [from, to] = node.range
  const starts = valueOffsets(text, node, bodyStart(text, node, from), to, value)
  const end = Math.max(range.start + 1, range.end)
  const start = starts[Math.min(range.start, value.length)] ?? from
  return { start, end: Math.max(start + 1, (starts[Math.min(end, value.length) - 1] ?? start) + 1) }
}

function bodyStart(text: string, node: Scalar, from: number): number {
  if (node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE) return from + 1
  if (node.type !== Scalar.BLOCK_FOLDED && node.type !== Scalar.BLOCK_LITERAL) return from
  const newline = text.indexOf('\n', from)
  return newline < 0 ? from : newline + 1
}

/** The place in the text of each character of the value, and of its end. */
function valueOffsets(
  text: string,
  node: Scalar,
  start: number,
  end: number,
  value: string,
): readonly number[] {
  const offsets: number[] = []
  let at = start
  for (let index = 0; index < value.length; index++) {
    const wanted = value[index] ?? ''
    if (node.type === Scalar.QUOTE_DOUBLE && text[at] === '\\') at += 1
    if (isSpace(wanted)) {
      offsets.push(Math.min(at, end))
      at += 1
      // What was folded into this one: the rest of the line break and the next line's indentation.
      if (!isSpace(value[index + 1] ?? '')) while (at < end && isSpace(text[at] ?? '')) at += 1
      continue
    }
    while (at < end && text[at] !== wanted) at += 1
    offsets.push(Math.min(at, end))
    at += node.type === Scalar.QUOTE_SINGLE && wanted === "'" ? 2 : 1
  }
  offsets.push(Math.min(at, end))
  return offsets
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\r' || character === '\t'
}
