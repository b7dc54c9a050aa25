import type { OutageResult } from './measure-outage.ts'

/** What is missing or there twice, and how much later findings were told with the outage, ascending. */
export function whatDiffers({ sent, calm, away }: OutageResult): {
  readonly problems: readonly string[]
  readonly laterMs: readonly number[]
} {
  const problems: string[] = []
  const same = (what: string, found: unknown, wanted: unknown) => {
    if (found !== wanted) problems.push(`${what}: ${found} instead of ${wanted}`)
  }
  for (const [name, run] of [
    ['without the outage', calm],
    ['with the outage', away],
  ] as const) {
    same(`rows of events ${name}`, run.events.rows, sent)
    same(`positions of events ${name}`, run.positions, sent)
    same(`findings in ClickHouse ${name}`, run.findingIds, run.findings.size)
  }
  same('sum of events', away.events.sum, calm.events.sum)
  same('rows of panes', away.panes.rows, calm.panes.rows)
  same('sum of panes', away.panes.sum, calm.panes.sum)
  same('findings', [...away.findings.keys()].sort().join(' '), [...calm.findings.keys()].sort().join(' '))
  const laterMs = [...away.findings]
    .map(([id, at]) => at - (calm.findings.get(id) ?? Number.NaN))
    .filter((later) => !Number.isNaN(later))
    .sort((left, right) => left - right)
  return { problems, laterMs }
}
