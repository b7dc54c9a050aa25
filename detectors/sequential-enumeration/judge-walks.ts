import type { Table } from '../../core/aggregates/table.ts'
import type { Verdict } from '../../core/detector/detector.ts'
import type { Config } from './config.ts'
import { objectNumber } from './object-number.ts'
import type { Evidence, idColumns } from './sequential-enumeration.ts'
import { longestWalk, type Visit, type Walk } from './walk.ts'

type Ids = Table<typeof idColumns>

interface Candidate extends Walk {
  readonly route: string
  readonly refused: number
  readonly missed: number
  readonly sampled: boolean
}

/** The strongest walk of the window, or else of the long memory, that passes its thresholds. */
export function judgeWalks(ids: Ids, longIds: Ids, config: Config): Verdict<Evidence> | undefined {
  const fast = strongest(ids, config.ids_min, config.ids_min_clean, config.density_min, config)
  if (fast) return verdictOf(fast, 'fast')
  const slow = strongest(
    longIds,
    config.slow_ids_min,
    config.slow_ids_min_clean,
    config.slow_density_min,
    config,
  )
  return slow && verdictOf(slow, 'slow')
}

function strongest(
  ids: Ids,
  idsMin: number,
  idsMinClean: number,
  densityMin: number,
  { trouble_share_min }: Config,
): Candidate | undefined {
  if (ids.distinct < Math.min(idsMin, idsMinClean)) return undefined
  let best: Candidate | undefined
  for (const candidate of candidates(ids)) {
    const troubled = (candidate.refused + candidate.missed) / candidate.visits.length >= trouble_share_min
    if (candidate.ids < (troubled ? idsMin : idsMinClean) || candidate.density < densityMin) continue
    if (!best || candidate.ids > best.ids || (candidate.ids === best.ids && candidate.route < best.route))
      best = candidate
  }
  return best
}

/** The longest walk of every route and series. */
function candidates(ids: Ids): Candidate[] {
  const sampled = ids.complete ? 1 : Math.min(1, ids.rows().length / ids.distinct)
  const series = new Map<string, { readonly route: string; readonly visits: Visit[] }>()
  for (const row of ids.rows()) {
    const [route = '', id = ''] = row.key.split('\u0000')
    const number = objectNumber(id)
    if (!number) continue
    const answered = (row.ok ?? 0) > 0
    // An object of the caller's own tenant that was served is its own business, however orderly.
    if (answered && (row.own ?? 0) > 0) continue
    const key = `${route}\u0000${number.series}`
    const group = series.get(key) ?? { route, visits: [] }
    series.set(key, group)
    group.visits.push({
      id,
      value: number.value,
      refused: !answered && (row.refused ?? 0) > 0,
      missed: !answered && (row.missed ?? 0) > 0,
      own: (row.own ?? 0) > 0,
      first: row.first ?? 0,
      last: row.last ?? 0,
    })
  }
  return [...series.values()].flatMap(({ route, visits }) => {
    const walk = longestWalk(visits, sampled)
    if (!walk) return []
    const refused = walk.visits.filter((visit) => visit.refused).length
    const missed = walk.visits.filter((visit) => visit.missed && !visit.refused).length
    return [{ ...walk, route, refused, missed, sampled: sampled < 1 }]
  })
}

function verdictOf(walk: Candidate, pace: Evidence['pace']): Verdict<Evidence> {
  const trouble = (walk.refused + walk.missed) / walk.visits.length
  const first = Math.min(...walk.visits.map((visit) => visit.first))
  const last = Math.max(...walk.visits.map((visit) => visit.last))
  const minutes = Math.max(1, last - first) / 60_000
  // Sure from the thresholds on (0.8); refusals show that the objects are not the caller's, length that it is no chance.
  const score =
    0.8 + 0.1 * Math.min(1, trouble * 2) + 0.05 * Math.min(1, walk.ids / 500) + 0.05 * walk.density
  return {
    score: round(Math.min(1, score)),
    severity: trouble >= 0.5 || walk.ids >= 1000 ? 'critical' : 'high',
    evidence: {
      route: walk.route,
      pace,
      ids: walk.ids,
      lowest: walk.visits[0]?.id ?? '',
      highest: walk.visits[walk.visits.length - 1]?.id ?? '',
      stride: String(walk.stride),
      density: round(walk.density),
      run_length: walk.runLength,
      refused: walk.refused,
      missed: walk.missed,
      per_minute: round(walk.ids / Math.max(minutes, 1 / 60)),
      sampled: walk.sampled,
    },
  }
}

/** Two decimals: enough for a person, and safe from last-bit differences. */
function round(value: number): number {
  return Math.round(value * 100) / 100
}
