import type { Table } from '../../core/aggregates/table.ts'
import type { listColumns } from './cells.ts'
import { looksLikeCrowd } from './chance.ts'
import type { Config } from './config.ts'
import type { Bars } from './judge-walks.ts'
import { isTrouble, type Series } from './series.ts'
import { type Answers, answersOf } from './visit.ts'
import { longestWalk, type Walk } from './walk.ts'

/** A walk, where it was, and how it was answered. */
export interface Found {
  readonly route: string
  readonly walk: Walk
  readonly answers: Answers
  readonly clean: boolean
  readonly sampled: number
}

/** Share of trouble from which a caller with an identity is no crowd, however often it asks for the same. */
const loudTrouble = 0.5

/** The longest walk of a series that was refused, missing or of another tenant in part. */
export function troubledWalk(
  series: Series,
  sampled: number,
  idsMin: number,
  bars: Bars,
  { density_min, trouble_share_min }: Config,
): Found | undefined {
  const trouble = series.visits.filter(({ answer }) => isTrouble(answer))
  if (trouble.length < idsMin * sampled * trouble_share_min) return undefined
  let best: Found | undefined
  // The troubled ones alone, too: a walk among many honest requests for the same kind of object.
  for (const visits of trouble.length < series.visits.length ? [series.visits, trouble] : [trouble]) {
    const walk = longestWalk(visits, { densityMin: density_min, idsMin, sampled })
    if (!walk || !isRecent(walk, bars)) continue
    const answers = answersOf(walk.visits)
    if (answers.trouble < trouble_share_min) continue
    const loud = !bars.anonymous && answers.trouble >= loudTrouble
    if (!loud && isCrowd(walk)) continue
    if (!best || walk.ids > best.walk.ids)
      best = { route: series.route, walk, answers, clean: false, sampled }
  }
  return best
}

/** The longest walk of a series, when it is so long and dense that success does not excuse it. */
export function cleanWalk(
  series: Series,
  sampled: number,
  lists: Table<typeof listColumns>,
  bars: Bars,
  { density_min_clean, page_rows_max, paged_factor }: Config,
): Found | undefined {
  // Nobody guesses the random part of an id, so whoever succeeds was told the ids.
  if (series.partial || series.visits.length < bars.idsClean * sampled) return undefined
  const walk = longestWalk(series.visits, { densityMin: density_min_clean, idsMin: bars.idsClean, sampled })
  if (!walk || !isRecent(walk, bars) || isCrowd(walk)) return undefined
  const pages = listsOf(series.route, lists)
  const isPaged = pages >= 2 && pages * page_rows_max >= walk.ids
  if (walk.ids < bars.idsClean * (isPaged ? paged_factor : 1)) return undefined
  return { route: series.route, walk, answers: answersOf(walk.visits), clean: true, sampled }
}

function isRecent({ visits }: Walk, { since }: Bars): boolean {
  return visits.some(({ first }) => first >= since)
}

function isCrowd(walk: Walk): boolean {
  return looksLikeCrowd(
    walk,
    walk.visits.map(({ requests }) => requests),
  )
}

/** Requests for the collection that holds the objects of a route: `/orders` for `/orders/{id}` and `/orders?id={id}`. */
function listsOf(route: string, lists: Table<typeof listColumns>): number {
  const collection = route.replace(/[/?][^/?]*\{id\}.*$/, '')
  const row = lists.rows().find(({ key }) => key === collection)
  return Math.max(row?.edge ?? 0, row?.service ?? 0)
}
