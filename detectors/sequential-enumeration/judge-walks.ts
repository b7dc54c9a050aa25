import type { Table } from '../../core/aggregates/table.ts'
import type { Verdict, Window } from '../../core/detector/detector.ts'
import { type Bars, idsNeeded } from './bars.ts'
import { idsKept, type listColumns, type memory, type pane } from './cells.ts'
import type { Config } from './config.ts'
import type { Evidence } from './evidence.ts'
import { type Ids, sampledShare, seriesOf, troubledCount } from './series.ts'
import { cleanWalk, type Found, troubledWalk } from './suspect.ts'
import { verdictOf } from './verdict.ts'

type WalkWindow = Window<typeof pane, typeof memory>

/** Long memory is read once in so much event time for each caller: reading it is what costs most. */
const slowEveryMs = 600_000

/** The strongest walk of the window, or else of the long memory, that passes its thresholds. */
export function judgeWalks(window: WalkWindow, config: Config): Verdict<Evidence> | undefined {
  // Most callers are dismissed by numbers: they can't have touched more ids than they made requests.
  const { eventsMax, eventsEverMax } = window
  const fast = eventsMax >= leastIds(config) ? fastBars(window, config) : undefined
  const found =
    fast && mayWalk(window.size('ids'), () => window.size('troubled'), fast, config)
      ? judge(window.total.ids, window.total.lists, fast, config)
      : undefined
  if (found || eventsEverMax < leastIdsSlow(config) || !isSlowDue(window)) return found
  const slow = slowBars(window, config)
  return window.size('ids') > 0 &&
    mayWalk(window.memorySize('longIds'), () => window.memorySize('longTroubled'), slow, config)
    ? judge(window.memory.longIds, window.memory.longLists, slow, config)
    : undefined
}

/** Beyond what a table keeps, counts are estimates, which may be greater than what was counted. */
function leastIds({ ids_min, ids_min_clean, ids_min_clean_ip }: Config): number {
  return Math.min(idsKept, ids_min, ids_min_clean, ids_min_clean_ip)
}

function leastIdsSlow({ slow_ids_min, slow_ids_min_clean, slow_ids_min_clean_ip }: Config): number {
  return Math.min(idsKept, slow_ids_min, slow_ids_min_clean, slow_ids_min_clean_ip)
}

/** The fewest requests of a caller that can be a walk: every id that counts takes one. */
export function leastRequests(config: Config): number {
  return Math.min(leastIds(config), leastIdsSlow(config))
}

function fastBars({ entity, start }: WalkWindow, config: Config): Bars {
  const anonymous = entity.kind === 'ip'
  const idsClean = anonymous ? config.ids_min_clean_ip : config.ids_min_clean
  return { pace: 'fast', ids: config.ids_min, idsClean, anonymous, since: start }
}

function slowBars({ entity, start }: WalkWindow, config: Config): Bars {
  const anonymous = entity.kind === 'ip'
  const idsClean = anonymous ? config.slow_ids_min_clean_ip : config.slow_ids_min_clean
  return { pace: 'slow', ids: config.slow_ids_min, idsClean, anonymous, since: start }
}

/** False when so many ids, so many of them in trouble, are no walk however they lie. */
function mayWalk(idsMax: number, troubledMax: () => number, bars: Bars, config: Config): boolean {
  if (idsMax < Math.min(bars.ids, bars.idsClean)) return false
  // Beyond what a table keeps, the numbers are of a sample.
  return idsMax >= idsKept || idsMax >= idsNeeded(troubledMax(), bars, config)
}

/** Whether the last pane is the caller's first in its slot. */
function isSlowDue({ lastPane, paneBefore }: WalkWindow): boolean {
  return paneBefore === undefined || paneBefore < Math.floor(lastPane / slowEveryMs) * slowEveryMs
}

function judge(
  ids: Ids,
  lists: Table<typeof listColumns>,
  bars: Bars,
  config: Config,
): Verdict<Evidence> | undefined {
  if (ids.distinct < Math.min(bars.ids, bars.idsClean)) return undefined
  const rows = ids.view()
  const sampled = sampledShare(ids)
  const trouble = troubledCount(rows)
  const canTrouble = trouble >= bars.ids * sampled * config.trouble_share_min
  // Walks over several routes count together from a third of the threshold on.
  const partMin = Math.max(3, Math.ceil(bars.ids / 3))
  const idsMin = canTrouble ? partMin : idsNeeded(trouble / sampled, bars, config)
  const series = seriesOf(rows, Math.max(2, Math.floor(idsMin * sampled)))
  const troubled = canTrouble
    ? series.flatMap((one) => troubledWalk(one, sampled, partMin, bars, config) ?? [])
    : []
  const verdict = verdictOf(strongest(troubled, bars, config), bars)
  if (verdict) return verdict
  const clean = series.flatMap((one) => cleanWalk(one, sampled, lists, bars, config) ?? [])
  return verdictOf(clean, bars)
}

/** The walks that are long enough, alone or, when most of them is trouble, together. */
function strongest(walks: readonly Found[], bars: Bars, { trouble_share_min }: Config): readonly Found[] {
  const alone = walks.filter(({ walk }) => walk.ids >= bars.ids)
  if (alone.length > 0) return alone
  const parts = walks.filter(({ answers }) => answers.trouble >= 3 * trouble_share_min)
  // One id may be read in two ways, so a route counts once.
  const byRoute = new Map<string, number>()
  for (const { route, walk } of parts) byRoute.set(route, Math.max(byRoute.get(route) ?? 0, walk.ids))
  const total = [...byRoute.values()].reduce((sum, ids) => sum + ids, 0)
  return byRoute.size > 1 && total >= bars.ids ? parts : []
}
