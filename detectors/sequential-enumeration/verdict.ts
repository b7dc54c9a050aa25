import type { Verdict } from '../../core/detector/detector.ts'
import type { Severity } from '../../core/detector/finding.ts'
import type { Bars } from './bars.ts'
import type { Evidence } from './evidence.ts'
import type { Found } from './suspect.ts'

/** The verdict about the longest of the walks; the first of equals, which come sorted by route. */
export function verdictOf(walks: readonly Found[], bars: Bars): Verdict<Evidence> | undefined {
  const best = walks.reduce<Found | undefined>(
    (longest, found) => (longest && longest.walk.ids >= found.walk.ids ? longest : found),
    undefined,
  )
  if (!best) return undefined
  const { route, walk, answers, sampled } = best
  const first = walk.visits.reduce((least, visit) => Math.min(least, visit.first), Number.POSITIVE_INFINITY)
  const last = walk.visits.reduce((most, visit) => Math.max(most, visit.last), Number.NEGATIVE_INFINITY)
  const scale = (count: number) => Math.round(count / sampled)
  return {
    score: round(scoreOf(best, bars)),
    severity: severityOf(best, bars),
    evidence: {
      route,
      routes: new Set(walks.map((found) => found.route)).size,
      pace: bars.pace,
      ids: walk.ids,
      lowest: walk.visits[0]?.id ?? '',
      highest: walk.visits[walk.visits.length - 1]?.id ?? '',
      stride: String(walk.stride),
      density: round(walk.density),
      run_length: walk.runLength,
      refused: scale(answers.refused),
      missed: scale(answers.missed),
      foreign: scale(answers.foreign),
      // A burst within one second is told as of that second.
      per_minute: round(walk.ids / (Math.max(1000, last - first) / 60_000)),
      sampled: sampled < 1,
    },
  }
}

/**
 * With trouble sure from the thresholds on (0.8): it shows that the objects are not the caller's, and length that it is no
 * chance. Success alone leaves a doubt (0.7), and success of somebody unknown a bigger one (0.55).
 */
function scoreOf({ walk, answers, clean }: Found, { anonymous }: Bars): number {
  const length = Math.min(1, walk.ids / 500)
  if (!clean) return 0.8 + 0.1 * Math.min(1, answers.trouble * 2) + 0.05 * length + 0.05 * walk.density
  return (anonymous ? 0.55 : 0.7) + 0.09 * length + 0.05 * walk.density
}

function severityOf({ walk, answers, clean }: Found, { anonymous }: Bars): Severity {
  if (clean) return anonymous ? 'medium' : 'high'
  const { refused, missed, foreign } = answers
  const share = (refused + missed + foreign) / walk.visits.length
  return share >= 0.5 || walk.ids >= 1000 ? 'critical' : 'high'
}

/** Two decimals: enough for a person, and safe from last-bit differences. */
function round(value: number): number {
  return Math.round(value * 100) / 100
}
