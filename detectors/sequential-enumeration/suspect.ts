import type { Table } from '../../core/aggregates/table.ts'
import { type Bars, isCrawl } from './bars.ts'
import type { listColumns } from './cells.ts'
import { looksLikeCrowd } from './chance.ts'
import type { Config } from './config.ts'
import { isTrouble, type Series } from './series.ts'
import { type Answers, answersOf, type Visit } from './visit.ts'
import { longestWalk, stridesOf, type Walk } from './walk.ts'

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
  const strides = stridesOf(series.visits, sampled)
  // The troubled ones alone, too: a walk among many honest requests for the same kind of object. At the strides of
  // all, or every tenth dead link of a crawl would be a walk.
  for (const visits of trouble.length < series.visits.length ? [series.visits, trouble] : [trouble]) {
    const walk = longestWalk(visits, {
      densityMin: density_min,
      idsMin,
      sampled,
      strides: visits === trouble ? [...new Set([1, ...strides])] : strides,
    })
    if (!walk || !isRecent(walk, bars)) continue
    const answers = answersOf(walk.visits)
    if (answers.trouble < trouble_share_min) continue
    const loud = !bars.anonymous && answers.trouble >= loudTrouble
    if (!loud && isCrowd(walk, visits)) continue
    if (!best || walk.ids > best.walk.ids)
      best = { route: series.route, walk, answers, clean: false, sampled }
  }
  return best
}

/**
 * The longest walk of a series, when it is so long and dense that success does not excuse it. The more trouble, short
 * of what `troubledWalk` asks for, the fewer ids it takes.
 */
export function cleanWalk(
  series: Series,
  sampled: number,
  lists: Table<typeof listColumns>,
  bars: Bars,
  config: Config,
): Found | undefined {
  // Nobody guesses the random part of an id, so whoever succeeds was told the ids.
  if (series.partial || series.visits.length < bars.ids * sampled) return undefined
  const excused = series.visits.filter(({ answer }) => answer === 'excused').length
  if (excused * 2 >= series.visits.length) return undefined
  const options = { densityMin: config.density_min_clean, idsMin: bars.ids, sampled }
  const walk = longestWalk(series.visits, options)
  if (!walk || !isRecent(walk, bars)) return undefined
  const answers = answersOf(walk.visits)
  const doubt = isCrawl(bars) ? 1 : Math.max(0, 1 - answers.trouble / config.trouble_share_min)
  const pages = listsOf(series.route, lists)
  const isPaged = pages >= 2 && pages * config.page_rows_max >= walk.ids
  const idsMin = (bars.ids + doubt * (bars.idsClean - bars.ids)) * (isPaged ? config.paged_factor : 1)
  if (walk.ids < idsMin || isCrowd(walk, series.visits)) return undefined
  return { route: series.route, walk, answers, clean: true, sampled }
}

function isRecent({ visits }: Walk, { since }: Bars): boolean {
  return visits.some(({ first }) => first >= since)
}

/**
 * Whether a crowd explains the walk, or all that was touched between its ends: a crowd that touches most of a range touches
 * most of some wider stride, too.
 */
function isCrowd(walk: Walk, visits: readonly Visit[]): boolean {
  if (looksLikeCrowd(walk, requestsOf(walk.visits))) return true
  if (walk.stride === 1) return false
  const [low, high] = [walk.visits[0]?.value ?? 0, walk.visits[walk.visits.length - 1]?.value ?? 0]
  const between = visits.filter(({ value }) => value >= low && value <= high)
  const places = high - low + 1
  return looksLikeCrowd({ places, density: between.length / places }, requestsOf(between))
}

function requestsOf(visits: readonly Visit[]): readonly number[] {
  return visits.map(({ requests }) => requests)
}

/** Requests for the collection that holds the objects of a route: `/orders` for `/orders/{id}` and `/orders?id={id}`. */
function listsOf(route: string, lists: Table<typeof listColumns>): number {
  const collection = route.replace(/[/?][^/?]*\{[^{}]*\}[^/]*$/, '')
  const row = lists.rows().find(({ key }) => key === collection)
  return Math.max(row?.edge ?? 0, row?.service ?? 0)
}
