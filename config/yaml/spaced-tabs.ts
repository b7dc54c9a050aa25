import type { TextRange } from './located-yaml.ts'

/** Widths that an editor may show a tab at, the usual first. */
export const tabWidths = [2, 4, 8, 1] as const

/** A text whose lines are indented by spaces where they were by tabs. */
export interface SpacedText {
  readonly text: string
  /** Where a range of this text stands in the one with tabs. */
  original(range: TextRange): TextRange
}

/** Offsets of the first tab in the indentation of each line that is indented by one and holds more than a comment. */
export function indentingTabs(text: string): readonly number[] {
  return [...text.matchAll(/^ *\t[\t ]*(?=[^\s#])/gm)].map(
    ({ index, 0: indent }) => index + indent.indexOf('\t'),
  )
}

/** The same text as a person sees it whose editor shows a tab `width` columns wide. */
export function spacedText(text: string, width: number): SpacedText {
  const lines = text.split('\n')
  const spaced = lines.map((line) => spacedLine(line, width))
  let start = 0
  let spacedStart = 0
  const starts = lines.map((line, index) => {
    const here = { start, spacedStart, indent: indentOf(line), spacedIndent: indentOf(spaced[index] ?? '') }
    start += line.length + 1
    spacedStart += (spaced[index]?.length ?? 0) + 1
    return here
  })
  const originalOffset = (offset: number): number => {
    const line = starts.findLast((one) => one.spacedStart <= offset)
    if (!line) return offset
    const column = offset - line.spacedStart
    const inText = column - line.spacedIndent
    return line.start + (inText >= 0 ? line.indent + inText : Math.min(column, line.indent))
  }
  return {
    text: spaced.join('\n'),
    original: ({ start: from, end }) => ({ start: originalOffset(from), end: originalOffset(end) }),
  }
}

function spacedLine(line: string, width: number): string {
  const indent = indentOf(line)
  return line.slice(0, indent).replaceAll('\t', ' '.repeat(width)) + line.slice(indent)
}

function indentOf(line: string): number {
  return line.length - line.replace(/^[\t ]+/, '').length
}
