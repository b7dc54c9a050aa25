import type { Problem } from './problem.ts'

/** Widest piece of a source line that is shown. */
const widthMax = 100
/** Characters shown left of the caret when the line must be cut. */
const leftShown = 60
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu

/**
 * `file:line:col: message`, the source line and a caret under the place, then the hint. What a terminal would obey
 * (control, ANSI, bidi) is shown as an escape, and long lines are cut around the place.
 */
export function formatProblem(problem: Problem): string {
  const { file, line, col, message, hint } = problem
  const place = line === 0 ? '' : `:${line}:${col}`
  const lines = [`${escapeText(file)}${place}: ${escapeText(message)}`]
  if (problem.source !== undefined && problem.source.trim() !== '') {
    lines.push(...excerpt(problem.source, line, col - 1, problem.length ?? 1))
  }
  if (hint !== undefined) lines.push(`  hint: ${escapeText(hint)}`)
  return lines.join('\n')
}

function excerpt(source: string, line: number, index: number, length: number): readonly string[] {
  const start =
    source.length <= widthMax ? 0 : Math.max(0, Math.min(index - leftShown, source.length - widthMax))
  const end = Math.min(source.length, start + widthMax)
  const before = `${start > 0 ? '…' : ''}${escapeText(source.slice(start, Math.min(index, end)))}`
  const marked = escapeText(source.slice(index, Math.min(index + length, end)))
  const after = `${escapeText(source.slice(Math.min(index + length, end), end))}${end < source.length ? '…' : ''}`
  const gutter = `${line} | `
  const caret = '^'.repeat(Math.max(1, marked.length))
  return [
    `  ${gutter}${before}${marked}${after}`,
    `  ${' '.repeat(gutter.length - 2)}| ${' '.repeat(before.length)}${caret}`,
  ]
}

/** Text that stands in one line of a terminal as it is: tabs as one space, what can't be seen as `\u{…}`. */
export function escapeText(text: string): string {
  return text.replace(unprintable, (character) => {
    if (character === '\t') return ' '
    return `\\u{${character.codePointAt(0)?.toString(16)}}`
  })
}
