import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FigureSpec } from './figure.ts'
import { metText, noteText, ratioText, targetText, valueText } from './figures-table.ts'
import type { HistoryEntry, PastFigure } from './history.ts'

export const docsPath = join(import.meta.dirname, '..', 'docs', 'performance.md')
const begin = '<!-- figures: written by npm run bench -- --docs -->'
const end = '<!-- end of figures -->'

/** The newest outcome of each figure that a run measured, as a Markdown table. */
export function docsTable(specs: readonly FigureSpec[], history: readonly HistoryEntry[]): string {
  const rows = specs.map((spec) => {
    const past = newest(spec.id, history)
    if (!past) return [spec.id, 'not measured', '', '', '', '', '']
    const figure = { ...spec, ...past.figure }
    const when = `${past.entry.date.slice(0, 10)}, ${past.entry.commit}, ${past.entry.events} events`
    const target = targetText(spec.target, spec.unit)
    return [spec.id, valueText(figure), ratioText(figure), target, metText(figure), when, noteText(figure)]
  })
  const headings = ['figure', 'value', 'ratio', 'target', '', 'measured', 'note']
  return [
    `| ${headings.join(' | ')} |`,
    `|${headings.map(() => '---').join('|')}|`,
    ...rows.map(([id, ...cells]) => `| \`${id}\` | ${cells.map(cellText).join(' | ')} |`),
  ].join('\n')
}

function cellText(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

function newest(
  id: string,
  history: readonly HistoryEntry[],
): { readonly entry: HistoryEntry; readonly figure: PastFigure } | undefined {
  for (const entry of [...history].reverse()) {
    const figure = entry.figures.find((one) => one.id === id)
    if (figure) return { entry, figure }
  }
  return undefined
}

/** Puts the table in its place in docs/performance.md. */
export function writeDocsTable(table: string): void {
  const text = readFileSync(docsPath, 'utf8')
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`${docsPath} lacks '${begin}' or '${end}'`)
  writeFileSync(docsPath, `${before}${begin}\n\n${table}\n\n${end}${after}`)
}
