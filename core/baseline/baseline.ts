import type { Threshold } from '../detector/detector.ts'
import { type Entity, entityKey } from '../entity/entity.ts'
import type { CentreAndSpread } from './centre-and-spread.ts'
import { hourOfWeek } from './hour-of-week.ts'

/** The history of one measure of one entity, or of all entities of a kind. */
export interface MeasureHistory {
  readonly detector: string
  readonly version: number
  readonly measure: string
  /** An entity key (`route:/login`), or a bare kind (`route`) for all of that kind together. */
  readonly of: string
  /** Over all hours. */
  readonly all: CentreAndSpread
  /** By hour of week, ascending; only hours with enough samples. */
  readonly hours: readonly (readonly [hourOfWeek: number, stats: CentreAndSpread])[]
}

/** What a baseline is made of; `baselineDigest` names it. */
export interface BaselineSnapshot {
  readonly space: string
  readonly lane: string
  /** Event time of the panes it was cut from, `[from, to)`, epoch milliseconds; 0 and 0 when empty. */
  readonly from: number
  readonly to: number
  /** In one fixed order. */
  readonly histories: readonly MeasureHistory[]
}

export interface ThresholdQuery {
  readonly detector: string
  readonly version: number
  readonly measure: string
  readonly entity: Entity
  /** Whose history stands in: an entity key (`route:/login`), or a kind (`route`) for all entities of that kind. */
  readonly group?: string | undefined
  /** Start of the pane that ends the window, epoch milliseconds: its hour of week chooses the history. */
  readonly at: number
  readonly floor: number
  readonly k: number
}

/** An immutable baseline, loaded whole: asking it needs no I/O. */
export interface Baseline {
  /** `b1:` and 16 hex digits, or `none` for the empty one. */
  readonly digest: string
  readonly snapshot: BaselineSnapshot
  /**
   * `max(floor, centre + k × spread)` of the entity's history, else its group's, else the floor. `source` says what
   * gave the value: a floor that exceeds the history is `floor`, and carries the history's numbers all the same.
   */
  threshold(query: ThresholdQuery): Threshold
}

interface Lookup {
  readonly all: CentreAndSpread
  readonly hours: ReadonlyMap<number, CentreAndSpread>
}

/** Makes a snapshot askable; use `buildBaseline` or `parseBaseline`, which know its digest. */
export function createBaseline(snapshot: BaselineSnapshot, digest: string): Baseline {
  const lookups = new Map<string, Lookup>()
  for (const { detector, version, measure, of, all, hours } of snapshot.histories) {
    lookups.set(historyKey(detector, version, measure, of), { all, hours: new Map(hours) })
  }

  function statsOf(query: ThresholdQuery, of: string): CentreAndSpread | undefined {
    const found = lookups.get(historyKey(query.detector, query.version, query.measure, of))
    return found?.hours.get(hourOfWeek(query.at)) ?? found?.all
  }

  return Object.freeze({
    digest,
    snapshot,
    threshold(query: ThresholdQuery): Threshold {
      const own = statsOf(query, entityKey(query.entity))
      const stats = own ?? (query.group === undefined ? undefined : statsOf(query, query.group))
      if (!stats) return { value: query.floor, source: 'floor' }
      const value = stats.centre + query.k * stats.spread
      if (value <= query.floor) return { value: query.floor, source: 'floor', ...stats }
      return { value, source: own ? 'entity' : 'group', ...stats }
    },
  })
}

function historyKey(detector: string, version: number, measure: string, of: string): string {
  return `${detector}\u0000${version}\u0000${measure}\u0000${of}`
}

/** No history: every threshold is its floor. */
export const emptyBaseline: Baseline = createBaseline(
  Object.freeze({ space: '', lane: '', from: 0, to: 0, histories: Object.freeze([]) }),
  'none',
)
