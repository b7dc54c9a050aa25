import { parseEntityKey } from '../entity/entity.ts'
import type { MeasureBucket, PaneQuery } from '../ports/analytics-store.ts'
import { type Baseline, createBaseline, type MeasureHistory } from './baseline.ts'
import { baselineDigest } from './baseline-codec.ts'
import { type CentreAndSpread, centreAndSpread, type WeightedValue } from './centre-and-spread.ts'

/**
 * An hour of week stands on its own from so many panes on: two weeks give it 2 × (panes per hour), so 20 is reached by
 * panes of up to six minutes. More would leave new installations without a week's pattern; with fewer, one odd
 * quarter of an hour would move the median. Hours below fall back to all hours.
 */
export const hourSamplesMin = 20

/**
 * A history counts from so many distinct hours of the week on. Panes alone don't tell a week from one busy hour of
 * 15-second panes, and an attacker must not be able to earn tolerance by an hour of quiet practice.
 */
export const historyHoursMin = 24

interface Gathered {
  readonly detector: string
  readonly version: number
  readonly measure: string
  readonly of: string
  readonly hours: Map<number, Map<number, number>>
}

/** Cuts a baseline from distributions, in whatever order they come; same set, same snapshot. Pure. */
export function buildBaseline(query: PaneQuery, buckets: Iterable<MeasureBucket>): Baseline {
  const gathered = new Map<string, Gathered>()
  for (const bucket of buckets) {
    gather(gathered, bucket, bucket.entity)
    const kind = parseEntityKey(bucket.entity)?.kind
    if (kind) gather(gathered, bucket, kind)
  }
  const histories = [...gathered.entries()]
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .flatMap(([, one]) => historyOf(one) ?? [])
  const { space, lane, from, to } = query
  const snapshot = Object.freeze({ space, lane, from, to, histories: Object.freeze(histories) })
  return createBaseline(snapshot, baselineDigest(snapshot))
}

function gather(into: Map<string, Gathered>, bucket: MeasureBucket, of: string): void {
  const { detector, version, measure, hourOfWeek, value, count } = bucket
  const key = `${detector}\u0000${version}\u0000${measure}\u0000${of}`
  let one = into.get(key)
  if (!one) {
    one = { detector, version, measure, of, hours: new Map() }
    into.set(key, one)
  }
  let hour = one.hours.get(hourOfWeek)
  if (!hour) {
    hour = new Map()
    one.hours.set(hourOfWeek, hour)
  }
  hour.set(value, (hour.get(value) ?? 0) + count)
}

function historyOf({ detector, version, measure, of, hours }: Gathered): MeasureHistory | undefined {
  if (hours.size < historyHoursMin) return undefined
  const all = centreAndSpread([...hours.values()].flatMap(weighted))
  if (!all) return undefined
  const byHour: [number, CentreAndSpread][] = []
  for (const [hour, distribution] of [...hours].sort(([left], [right]) => left - right)) {
    const stats = centreAndSpread(weighted(distribution))
    if (stats && stats.samples >= hourSamplesMin) byHour.push([hour, Object.freeze(stats)])
  }
  return Object.freeze({
    detector,
    version,
    measure,
    of,
    all: Object.freeze(all),
    hours: Object.freeze(byHour),
  })
}

function weighted(distribution: ReadonlyMap<number, number>): WeightedValue[] {
  return [...distribution].map(([value, count]) => ({ value, count }))
}
