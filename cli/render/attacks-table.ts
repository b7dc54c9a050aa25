import { type Finding, severities } from '../../core/detector/finding.ts'
import { evidenceSentence } from './evidence-sentence.ts'
import { severityTone } from './findings-table.ts'
import type { Layout } from './layout.ts'
import { renderTable } from './table.ts'
import { clockTime } from './times.ts'

/** Findings of one chain: the same attack, period after period. */
export interface Attack {
  readonly first: number
  readonly last: number
  /** The most severe; among equals the surest, then the newest: its evidence says most. */
  readonly worst: Finding
}

/** Joins findings that continue each other, in the order in which the attacks began. */
export function attacksOf(findings: readonly Finding[]): Attack[] {
  const chains = new Map<string, Finding[]>()
  for (const finding of findings) chains.set(finding.root, [...(chains.get(finding.root) ?? []), finding])
  return [...chains.values()]
    .map((chain) => ({
      first: chain.reduce((least, { first }) => Math.min(least, first), Number.POSITIVE_INFINITY),
      last: chain.reduce((most, { last }) => Math.max(most, last), Number.NEGATIVE_INFINITY),
      worst: chain.reduce((worst, finding) => (isWorse(finding, worst) ? finding : worst)),
    }))
    .sort(
      (left, right) =>
        left.first - right.first || left.last - right.last || (left.worst.id < right.worst.id ? -1 : 1),
    )
}

function isWorse(left: Finding, right: Finding): boolean {
  const severity = severities.indexOf(left.severity) - severities.indexOf(right.severity)
  return (severity || left.score - right.score || left.last - right.last) > 0
}

/** One row for each attack, with the times of day between which it was seen. */
export function attacksTable(attacks: readonly Attack[], layout?: Layout): string {
  return renderTable(
    attacks,
    [
      { heading: 'UTC', text: ({ first, last }) => `${clockTime(first)}–${clockTime(last)}` },
      {
        heading: 'SEVERITY',
        text: ({ worst }) => worst.severity,
        tone: ({ worst }) => severityTone(worst.severity),
      },
      { heading: 'DETECTOR', text: ({ worst }) => worst.detector },
      {
        heading: 'WHO',
        text: ({ worst: { entity } }) => `${entity.kind} ${entity.id}`,
        widthMax: 32,
        tone: 'name',
      },
      { heading: 'WHAT', text: ({ worst }) => evidenceSentence(worst), widthMax: 200 },
    ],
    'no attack was found',
    layout,
  )
}
