import { safeText } from './safe-text.ts'

/** A column: its heading, and how wide its text may grow. */
export interface TableColumn<Row> {
  readonly heading: string
  text(row: Row): string
  readonly widthMax?: number
}

/** Rows as aligned text with headings; every cell is made safe to print. One line says when there is nothing. */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  empty: string,
): string {
  if (rows.length === 0) return empty
  const cells = rows.map((row) => columns.map((column) => safeText(column.text(row), column.widthMax ?? 60)))
  const lines = [columns.map((column) => column.heading), ...cells]
  const widths = columns.map((_column, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
