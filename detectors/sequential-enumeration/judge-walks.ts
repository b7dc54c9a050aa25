import type { Table } from '../../core/aggregates/table.ts'
import type { Verdict, Window } from '../../core/detector/detector.ts'
import type { listColumns, memory, pane } from './cells.ts'
import type { Config } from './config.ts'
import type { Evidence } from './evidence.ts'
import { type Ids, sampledShare, seriesOf, troubledCount } from './series.ts'
import { cleanWalk, type Found, troubledWalk } from './suspect.ts'
import { verdictOf } from './verdict.ts'

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

/** Long memory is read once in so much event time for each caller: reading it is what costs most. */
const slowEveryMs = 600_000

/** The strongest walk of the window, or else of the long memory, that passes its thresholds. */
export function judgeWalks(
  window: Window<typeof pane, typeof memory>,
  config: Config,
): Verdict<Evidence> | undefined {
  const anonymous = window.entity.kind === 'ip'
  const since = window.start
  const fast: Bars = {
    pace: 'fast',
    ids: config.ids_min,
    idsClean: anonymous ? config.ids_min_clean_ip : config.ids_min_clean,
    anonymous,
    since,
  }
  // Most callers are dismissed here: they can't have touched more ids than this.
  const idsMax = window.size('ids')
  const found =
    idsMax < Math.min(fast.ids, fast.idsClean)
      ? undefined
      : judge(window.total.ids, window.total.lists, fast, config)
  if (found || idsMax === 0 || !isSlowDue(window)) return found
  const slow: Bars = {
    pace: 'slow',
    ids: config.slow_ids_min,
    idsClean: anonymous ? config.slow_ids_min_clean_ip : config.slow_ids_min_clean,
    anonymous,
    since,
  }
  if (window.memorySize('longIds') < Math.min(slow.ids, slow.idsClean)) return undefined
  return judge(window.memory.longIds, window.memory.longLists, slow, config)
}

/** Whether the last pane is the caller's first in its slot. */
function isSlowDue({ lastPane, paneBefore }: Window<typeof pane, typeof memory>): boolean {
  return paneBefore === undefined || paneBefore < Math.floor(lastPane / slowEveryMs) * slowEveryMs
}

function judge(
  ids: Ids,
  lists: Table<typeof listColumns>,
  bars: Bars,
  config: Config,
): Verdict<Evidence> | undefined {
  if (ids.distinct < Math.min(bars.ids, bars.idsClean)) return undefined
  const rows = ids.rows()
  const sampled = sampledShare(ids)
  const trouble = troubledCount(rows)
  // What most callers are: without trouble, and without enough ids of one route.
  const canTrouble = trouble >= bars.ids * sampled * config.trouble_share_min
  // Walks over several routes count together from a third of the threshold on.
  const partMin = Math.max(3, Math.ceil(bars.ids / 3))
  const idsMin = canTrouble ? partMin : trouble > 0 ? bars.ids : bars.idsClean
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
