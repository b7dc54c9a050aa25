import type { Config } from './config.ts'
import type { Evidence } from './evidence.ts'

/** The thresholds for one pace and one kind of caller. */
export interface Bars {
  readonly pace: Evidence['pace']
  readonly ids: number
  readonly idsClean: number
  /** Nobody vouches for the caller: an address. */
  readonly anonymous: boolean
  /** Only walks that went on since then are judged, so that an old walk is not found again with every request. */
  readonly since: number
}

/**
 * The fewest ids of which `troubled` were in trouble, or fewer, that can be a walk: what both `troubledWalk` and
 * `cleanWalk` ask for at least. Between their two numbers a walk of `n` ids needs
 * `ids + (1 - troubled / (n × share)) × (idsClean - ids)`, which is solved for `n`.
 */
export function idsNeeded(troubled: number, bars: Bars, { trouble_share_min: share }: Config): number {
  const { ids, idsClean } = bars
  if (troubled >= ids * share || idsClean <= ids) return ids
  if (isCrawl(bars)) return idsClean
  const half = idsClean / 2
  return Math.ceil(half + Math.sqrt(half * half - (troubled / share) * (idsClean - ids)) - 1e-6)
}

/** In a day an address meets dead links enough to look like trouble. */
export function isCrawl({ anonymous, pace }: Bars): boolean {
  return anonymous && pace === 'slow'
}
