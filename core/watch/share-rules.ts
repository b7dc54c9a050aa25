import type { Condition } from './condition.ts'
import type { SourceFacts } from './facts.ts'

export interface ShareBounds {
  /** 0 to 1. */
  readonly shareMax: number
  /** So many must have come, and so many of them bad, before a share says anything. */
  readonly countMin: number
  readonly badMin: number
}

export const shareBounds: ShareBounds = { shareMax: 0.01, countMin: 1000, badMin: 20 }

type Counts = Pick<SourceFacts, 'name' | 'records' | 'accepted' | 'late' | 'refused'>

/** More of a source than usual was not judged, because it came behind the watermark or was no event. */
export function badShares(
  now: Counts,
  before: Omit<Counts, 'name'>,
  since: number,
  bounds: ShareBounds = shareBounds,
): Condition[] {
  const late = share(now.late - before.late, now.accepted - before.accepted, bounds)
  const refused = share(now.refused - before.refused, now.records - before.records, bounds)
  const what = `source/${now.name}`
  return [
    ...(late
      ? [
          {
            rule: 'late-share' as const,
            what,
            since,
            evidence: {
              source: now.name,
              ...late,
              what_to_do:
                "raise the source's `lateness` (final findings then come later by as much), or find out why it delivers late; late events are not judged",
            },
          },
        ]
      : []),
    ...(refused
      ? [
          {
            rule: 'refused-share' as const,
            what,
            since,
            evidence: {
              source: now.name,
              ...refused,
              what_to_do:
                "`picket dead-letters list` shows what was refused and why; most often the source's `format` does not fit or a clock is wrong",
            },
          },
        ]
      : []),
  ]
}

/** What happened before anything was counted. */
export const nothingCounted = { records: 0, accepted: 0, late: 0, refused: 0 }

function share(bad: number, all: number, { shareMax, countMin, badMin }: ShareBounds) {
  if (all < countMin || bad < badMin || bad / all <= shareMax) return undefined
  return { count: bad, of: all, share: Math.round((bad / all) * 10_000) / 10_000, bound: shareMax }
}
