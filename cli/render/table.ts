import { type Layout, plainLayout } from './layout.ts'
import type { Tone } from './paint.ts'
import { safeText } from './safe-text.ts'
import { wrapText } from './wrap-text.ts'

/** A column: its heading, and how wide its text may grow. */
export interface TableColumn<Row> {
  readonly heading: string
  text(row: Row): string
  readonly widthMax?: number
  readonly tone?: Tone | ((row: Row) => Tone)
}

const gap = '  '
/** Narrower than this a column is not worth wrapping; the line gets longer instead. */
const wrapWidthMin = 24

/**
 * Rows as aligned text with headings; every cell is made safe to print. In a layout with a width the last column is
 * wrapped. One line says when there is nothing.
 */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  empty: string,
  layout: Layout = plainLayout,
): string {
  if (rows.length === 0) return empty
  const headings = columns.map((column) => column.heading)
  const cells = rows.map((row) => columns.map((column) => safeText(column.text(row), column.widthMax ?? 60)))
  const widths = columns.map((_column, index) =>
    cells.reduce((width, line) => Math.max(width, line[index]?.length ?? 0), headings[index]?.length ?? 0),
  )
  const lastWidth = wrapWidth(widths, layout)
  const { paint } = layout
  return [
    alignedLines(headings, widths, lastWidth, (_index, text) => paint('heading', text)),
    ...cells.map((line, at) =>
      alignedLines(line, widths, lastWidth, (index, text) => {
        const tone = columns[index]?.tone
        if (tone === undefined) return text
        return paint(typeof tone === 'string' ? tone : tone(rows[at] as Row), text)
      }),
    ),
  ].join('\n')
}

function wrapWidth(widths: readonly number[], { width }: Layout): number {
  if (width === undefined) return Number.POSITIVE_INFINITY
  const before = widths.slice(0, -1).reduce((sum, one) => sum + one + gap.length, 0)
  return Math.max(wrapWidthMin, width - before)
}

/** A row as one line, or more when its last cell is long. Colours come last: they have no width. */
function alignedLines(
  cells: readonly string[],
  widths: readonly number[],
  lastWidth: number,
  painted: (index: number, text: string) => string,
): string {
  const last = cells.length - 1
  const [first = '', ...more] = wrapText(cells[last] ?? '', lastWidth)
  const indent = ' '.repeat(widths.slice(0, -1).reduce((sum, one) => sum + one + gap.length, 0))
  const head = cells
    .slice(0, -1)
    .map((cell, index) => `${painted(index, cell)}${' '.repeat((widths[index] ?? 0) - cell.length)}${gap}`)
  return [`${head.join('')}${painted(last, first)}`, ...more.map((line) => `${indent}${painted(last, line)}`)]
    .map((line) => line.trimEnd())
    .join('\n')
}
