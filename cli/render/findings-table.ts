import type { Finding, Severity } from '../../core/detector/finding.ts'
import { evidenceSentence } from './evidence-sentence.ts'
import type { Layout } from './layout.ts'
import type { Tone } from './paint.ts'
import { renderTable } from './table.ts'
import { shortTime } from './times.ts'

export { shortTime } from './times.ts'

const tones: Readonly<Record<Severity, Tone>> = {
  info: 'quiet',
  low: 'quiet',
  medium: 'warning',
  high: 'bad',
  critical: 'bad',
}

export function severityTone(severity: Severity): Tone {
  return tones[severity]
}

/** One row for each finding, in the order given. */
export function findingsTable(findings: readonly Finding[], layout?: Layout): string {
  return renderTable(
    findings,
    [
      { heading: 'LAST (UTC)', text: ({ last }) => shortTime(last) },
      { heading: 'SEVERITY', text: ({ severity }) => severity, tone: (row) => severityTone(row.severity) },
      { heading: 'DETECTOR', text: ({ detector }) => detector },
      { heading: 'WHO', text: ({ entity }) => `${entity.kind} ${entity.id}`, widthMax: 44 },
      { heading: 'SCORE', text: ({ score }) => score.toFixed(2) },
      { heading: 'ID', text: ({ id }) => id, tone: 'quiet' },
      { heading: 'WHAT', text: (finding) => evidenceSentence(finding), widthMax: 200 },
    ],
    'no findings',
    layout,
  )
}
