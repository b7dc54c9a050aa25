import { durationMs } from '../../core/time/duration.ts'
import { isBacklog } from './backlog.ts'
import { isCoarse, skewOf } from './clock.ts'
import type { Known, Networks, Picture } from './picture.ts'
import { ascending, quantile } from './quantile.ts'
import { flag, has, networkOf, type Sighting } from './sighting.ts'

/** A new id whose timestamp lies outside the tolerance around its sender's centre. */
export interface Skewed extends Known {
  readonly skewMs: number
  readonly centreMs: number
}

export interface Skews {
  readonly attack: readonly Skewed[]
  /** Explained by a clock that was set, or a queue that catches up: a note. */
  readonly noted: readonly Skewed[]
  /** Steady skew of the window's senders, the largest; 0 when none drifts. */
  readonly driftMs: number
  readonly medianMs: number
}

const promptMs = 60_000

/** What is off, before it is counted: the same for all instances of the detector that judge clocks alike. */
interface Sorted {
  readonly fresh: readonly Skewed[]
  readonly attack: readonly Skewed[]
  readonly noted: readonly Skewed[]
}

const sortedBy = new WeakMap<Networks, Sorted>()

export function judgeSkews(picture: Picture): Skews | undefined {
  const { config, networks } = picture
  const sorted = sortedBy.get(networks) ?? sortedOf(picture)
  sortedBy.set(networks, sorted)
  const { fresh, attack, noted } = sorted
  if (fresh.length === 0) return undefined
  const enough = isEnough(attack, fresh.length, picture)
  const driftMs = fresh.reduce(
    (largest, { centreMs }) => (Math.abs(centreMs) > Math.abs(largest) ? centreMs : largest),
    0,
  )
  const medianMs = quantile(ascending((enough ? attack : fresh).map(({ skewMs }) => skewMs)), 0.5)
  return {
    attack: enough ? attack : [],
    noted: noted.length >= config.skewed_ids_min ? noted : [],
    driftMs,
    medianMs,
  }
}

function sortedOf(picture: Picture): Sorted {
  const { centreOf, config, known, remembered, window } = picture
  if (isCoarse(remembered)) return { fresh: [], attack: [], noted: [] }
  const toleranceMs = durationMs(config.tolerance)
  const fresh = known.flatMap((one): Skewed[] => {
    const skewMs = skewOf(one.now)
    // Seen before the window: a retry or a replay, and its old timestamp was judged then. The future is never old news.
    if (skewMs === undefined || (skewMs <= 0 && (one.past.first ?? 0) < window.start)) return []
    // Left out by a full memory: it may be the retry of a failure before the window.
    if (skewMs <= 0 && !one.isRemembered) return []
    return [{ ...one, skewMs, centreMs: centreOf(one.network) }]
  })
  const isOut = ({ skewMs, centreMs }: Skewed) => Math.abs(skewMs - centreMs) > toleranceMs
  const onTime = promptOf(picture, toleranceMs)
  const attack: Skewed[] = []
  const noted: Skewed[] = []
  for (const group of byNetwork(fresh.filter(isOut))) {
    const explained = isExplained(group, picture, onTime, fresh)
    if (explained) noted.push(...group)
    else attack.push(...group)
  }
  return { fresh, attack, noted }
}

/** The future is seen of all ids, the past of those that are remembered. */
function isEnough(attack: readonly Skewed[], ids: number, picture: Picture): boolean {
  const { config, isStranger } = picture
  const future = attack.filter(({ skewMs }) => skewMs > 0).length
  const min =
    future >= config.skewed_ids_min ? config.skewed_ids_min : picture.ofSample(config.skewed_ids_min, 3)
  const strangers = attack.filter(({ network }) => isStranger(network)).length
  return strangers >= min || attack.length >= Math.max(min, ids * config.skewed_share_min)
}

/** Ids that got through at once: as fast as the provider mostly is, to a minute. Those of a growing queue are not. */
function promptOf({ centreOf, remembered }: Picture, toleranceMs: number): Sighting[] {
  const within = remembered.flatMap((row) => {
    const skewMs = row.first === row.first_success ? skewOf(row) : undefined
    const offMs = skewMs === undefined ? undefined : skewMs - centreOf(networkOf(row.origin))
    return offMs === undefined || Math.abs(offMs) > toleranceMs ? [] : [{ row, offMs }]
  })
  const usualMs = quantile(ascending(within.map(({ offMs }) => offMs)), 0.5)
  return within.filter(({ offMs }) => Math.abs(offMs - usualMs) <= promptMs).map(({ row }) => row)
}

function byNetwork(skewed: readonly Skewed[]): Skewed[][] {
  const groups = new Map<number, Skewed[]>()
  for (const one of skewed) groups.set(one.network, [...(groups.get(one.network) ?? []), one])
  return [...groups].sort(([left], [right]) => left - right).map(([, group]) => group)
}

/** True for a clock that was set, a queue that catches up, or another server of the provider with a bad clock. */
function isExplained(
  group: readonly Skewed[],
  picture: Picture,
  onTime: readonly Sighting[],
  fresh: readonly Skewed[],
): boolean {
  const { config } = picture
  const network = group[0]?.network ?? 0
  const skews = ascending(group.map(({ skewMs }) => skewMs))
  const tight = quantile(skews, 0.9) - quantile(skews, 0.1) <= durationMs(config.drift_spread_max)
  const accepted = group.filter(({ now }) => now.first_success !== undefined || has(now, flag.signed)).length
  const valid = accepted >= group.length * 0.9
  // What the receiver declined is no bad clock to live with; a good signature alone is what captured deliveries have.
  const declined = group.filter(({ now }) => has(now, flag.declined)).length
  if (picture.isStranger(network))
    return (
      declined <= group.length * 0.1 &&
      valid &&
      tight &&
      Math.abs(quantile(skews, 0.5)) <= durationMs(config.drift_max)
    )
  if (tight && isClockSet(group, fresh, network)) return true
  return valid && isBacklog(group, onTime, picture)
}

/** Nothing on time comes from the network between the first and the last that are off. */
function isClockSet(group: readonly Skewed[], fresh: readonly Skewed[], network: number): boolean {
  const times = group.map(({ now }) => now.first ?? 0)
  const [first, last] = [Math.min(...times), Math.max(...times)]
  const off = new Set(group.map(({ now }) => now.key))
  return !fresh.some(({ now, network: other }) => {
    const time = now.first ?? 0
    return other === network && !off.has(now.key) && time > first && time < last
  })
}
