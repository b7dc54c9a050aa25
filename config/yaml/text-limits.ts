import type { TextRange } from './located-yaml.ts'
import type { Problem } from './problem.ts'

/** Longest file read, UTF-16 code units. */
export const textLengthMax = 256 * 1024
/** What is said of a longer one. */
export const tooLong = {
  why: `the file is longer than ${textLengthMax / 1024} KB`,
  hint: 'check that it is the file that was meant; lists of addresses may be shortened to CIDRs',
} as const
/** Longest line; the YAML parser's time and stack grow with what one line nests. */
export const lineLengthMax = 4096
/** Brackets and list dashes that one line may open beyond those it closes. */
const nestingMax = 32

/** What makes a text unfit for the YAML parser, which runs out of memory or stack on some that are nested deep. */
export function textProblems(
  text: string,
  at: (range: TextRange, message: string, hint?: string) => Problem,
): readonly Problem[] {
  if (text.length > textLengthMax) {
    return [at({ start: 0, end: 1 }, tooLong.why, tooLong.hint)]
  }
  let brackets = 0
  let lineStart = 0
  for (const line of text.split('\n')) {
    const range = { start: lineStart, end: lineStart + 1 }
    if (line.length > lineLengthMax) return [at(range, `the line is longer than ${lineLengthMax} characters`)]
    const nested = nesting(line, brackets)
    brackets = nested.after
    const dashes = /^\s*(?:[-?]\s+){33}/.test(line)
    if (nested.most > nestingMax || dashes || /^ {256}/.test(line)) {
      return [at(range, 'the values are nested too deep')]
    }
    lineStart += line.length + 1
  }
  return []
}

/** Open brackets after the line and the most at any place of it; those inside quotes are counted too. */
function nesting(line: string, before: number): { readonly after: number; readonly most: number } {
  let open = before
  let most = before
  for (const character of line.match(/[[\]{}]/g) ?? []) {
    open = character === '[' || character === '{' ? open + 1 : Math.max(0, open - 1)
    most = Math.max(most, open)
  }
  return { after: open, most }
}
