import { durationMs } from '../../core/time/duration.ts'
import type { Config } from './config.ts'
import { ascending, quantile } from './quantile.ts'
import { flag, has, networkOf, type Sighting } from './sighting.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
/** Share of timestamps on the full hour, from which they are dates and not clock readings. */
const coarseShare = 0.9

/**
 * Timestamp minus receipt of the first time that an id was seen, milliseconds; positive is the future. Later
 * deliveries of an id can only add to the future: the old timestamp of a retry is none of its business.
 * `undefined` without a timestamp, or when it is a date.
 */
export function skewOf(row: Sighting): number | undefined {
  const { timestamp, first, ahead } = row
  if (timestamp === undefined || first === undefined || ahead === undefined || timestamp % dayMs === 0)
    return undefined
  return ahead > 0 ? ahead : timestamp - first
}

/** Batch providers that write only the day, in any zone. */
export function isCoarse(rows: readonly Sighting[]): boolean {
  const stamped = rows.filter(({ timestamp }) => timestamp !== undefined)
  const onTheHour = stamped.filter(({ timestamp = 0 }) => timestamp % hourMs === 0).length
  return stamped.length >= 3 && onTheHour >= stamped.length * coarseShare
}

/** The id was let in, or its signature held, at first sight: its skew tells of the sender's clock. */
export function isValidAtFirst(row: Sighting): boolean {
  return row.first === row.first_success || (has(row, flag.signed) && row.deliveries === 1)
}

/**
 * The steady skew of a network, milliseconds; 0 while there is none. It needs valid new ids, a tight spread and time
 * behind it, so that a flood of captured deliveries can't move it.
 */
export function centresOf(remembered: readonly Sighting[], config: Config): (network: number) => number {
  const byNetwork = new Map<number, Sighting[]>()
  for (const row of remembered) {
    if (skewOf(row) === undefined || !isValidAtFirst(row)) continue
    const network = networkOf(row.origin ?? row.latest)
    const rows = byNetwork.get(network)
    if (rows) rows.push(row)
    else byNetwork.set(network, [row])
  }
  const centres = new Map<number, number>()
  for (const [network, rows] of byNetwork) {
    const times = ascending(rows.map(({ first = 0 }) => first))
    const spanMs = quantile(times, 1) - quantile(times, 0)
    if (rows.length < config.drift_ids_min || spanMs < durationMs(config.drift_backed_by)) continue
    const skews = ascending(rows.map((row) => skewOf(row) ?? 0))
    const centre = quantile(skews, 0.5)
    const isFar = Math.abs(centre) > durationMs(config.drift_max)
    if (Math.abs(centre) < durationMs(config.drift_min) || !isTight(skews, config.drift_spread_max)) continue
    if (!isFar || !othersAreOnTime(network, byNetwork, config.tolerance)) centres.set(network, centre)
  }
  return (network) => centres.get(network) ?? 0
}

function othersAreOnTime(
  network: number,
  byNetwork: ReadonlyMap<number, readonly Sighting[]>,
  tolerance: string,
): boolean {
  for (const [other, rows] of byNetwork) {
    if (other !== network && rows.some((row) => Math.abs(skewOf(row) ?? 0) <= durationMs(tolerance)))
      return true
  }
  return false
}

/** The middle half of the skews lies close together. */
export function isTight(skews: readonly number[], spreadMax: string): boolean {
  return quantile(skews, 0.75) - quantile(skews, 0.25) <= durationMs(spreadMax)
}
