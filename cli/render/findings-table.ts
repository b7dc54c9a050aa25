import type { Finding } from '../../core/detector/finding.ts'
import { renderTable } from './table.ts'

/** What of the evidence fits into a table: numbers and short texts, as `name=value`. */
export function evidenceBrief(evidence: Finding['evidence']): string {
  return Object.entries(evidence)
    .filter(([, value]) => ['number', 'string', 'boolean'].includes(typeof value) || isShortList(value))
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : String(value)}`)
    .join(' ')
}

function isShortList(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= 4 &&
    value.every((one) => typeof one === 'string')
  )
}

/** `2026-11-22 14:05:09`. */
export function shortTime(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ')
}

export function findingsTable(findings: readonly Finding[]): string {
  return renderTable(
    findings,
    [
      { heading: 'LAST (UTC)', text: ({ last }) => shortTime(last) },
      { heading: 'SEVERITY', text: ({ severity }) => severity },
      { heading: 'DETECTOR', text: ({ detector }) => detector },
      { heading: 'WHO', text: ({ entity }) => `${entity.kind} ${entity.id}`, widthMax: 44 },
      { heading: 'SCORE', text: ({ score }) => score.toFixed(2) },
      { heading: 'EVIDENCE', text: ({ evidence }) => evidenceBrief(evidence), widthMax: 90 },
      { heading: 'ID', text: ({ id }) => id },
    ],
    'no findings',
  )
}
