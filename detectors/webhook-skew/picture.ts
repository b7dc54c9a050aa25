import type { Cells } from '../../core/aggregates/aggregate.ts'
import type { Window } from '../../core/detector/detector.ts'
import type { memoryShape, paneShape } from './cells.ts'
import type { Config } from './config.ts'
import { flag, networkOf, type Sighting } from './sighting.ts'

export type SkewWindow = Window<typeof paneShape, typeof memoryShape>
export type SkewCells = Cells<typeof paneShape>

/** An id in this window, and all that is remembered of it. */
export interface Known {
  readonly now: Sighting
  readonly past: Sighting
  /** Network of the last delivery; 0 when unknown. */
  readonly network: number
}

/** What the networks of a provider are known for. */
export interface Picture {
  readonly window: SkewWindow
  readonly config: Config
  readonly known: readonly Known[]
  readonly remembered: readonly Sighting[]
  /** The network delivers new ids, more than it repeats. An unknown network counts as usual. */
  isUsual(network: number): boolean
  /** The network delivers nothing new, while others do, and the provider does not keep changing networks. */
  isStranger(network: number): boolean
}

/** New ids from which on a network is usual: fewer may be captured ones that never arrived. */
const newIdsMin = 3
/** Share of new ids that come from networks seen once, above which a new network means nothing (Good and Turing). */
const changingShare = 0.1

export function pictureOf(window: SkewWindow, config: Config): Picture {
  const remembered = window.memory.longSightings.rows()
  const byKey = new Map(remembered.map((row) => [row.key, row]))
  const known = window.total.sightings.rows().map((now) => {
    return { now, past: byKey.get(now.key) ?? now, network: networkOf(now.latest) }
  })
  const signs = remembered.some((row) => has(row, flag.signed))
  const [origins, repeats] = [new Map<number, number>(), new Map<number, number>()]
  for (const row of remembered) {
    if (row.first_success === undefined || (signs && has(row, flag.unsigned))) continue
    const [origin, latest] = [networkOf(row.origin), networkOf(row.latest)]
    origins.set(origin, (origins.get(origin) ?? 0) + 1)
    if (latest !== origin) repeats.set(latest, (repeats.get(latest) ?? 0) + 1)
  }
  const counts = [...origins.values()]
  const total = counts.reduce((sum, count) => sum + count, 0)
  const changing = total === 0 || counts.filter((count) => count === 1).length / total > changingShare
  const isUsual = (network: number) =>
    network === 0 ||
    ((origins.get(network) ?? 0) >= newIdsMin && (origins.get(network) ?? 0) > (repeats.get(network) ?? 0))
  const someUsual = [...origins.keys()].some((network) => network !== 0 && isUsual(network))
  return {
    window,
    config,
    known,
    remembered,
    isUsual,
    isStranger: (network) => !isUsual(network) && someUsual && !changing,
  }
}

export function has(row: Sighting, bit: number): boolean {
  return ((row.flags ?? 0) & bit) !== 0
}

/** The value at share `q` of sorted numbers, the lower of two. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.floor((sorted.length - 1) * q)] ?? 0
}

export function ascending(values: readonly number[]): number[] {
  return [...values].sort((left, right) => left - right)
}
