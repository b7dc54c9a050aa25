import type { Condition } from './condition.ts'

/** Traffic of other weeks than the last few says little of what is usual now. */
const ageMsMax = 14 * 86_400_000

/** The baseline in force was cut too long ago. `to`: event time up to which it knows, epoch milliseconds. */
export function staleBaseline(
  at: number,
  { digest, to }: { readonly digest: string; readonly to: number },
): Condition | undefined {
  if (digest === 'none' || at - to <= ageMsMax) return undefined
  return {
    rule: 'stale-baseline',
    what: 'baseline',
    since: to + ageMsMax,
    evidence: {
      baseline: digest,
      age_days: Math.floor((at - to) / 86_400_000),
      bound_days: ageMsMax / 86_400_000,
      what_to_do: '`picket baseline build`, then restart picket run: thresholds follow what was usual then',
    },
  }
}
