import type { Cells } from '../../core/aggregates/aggregate.ts'
import type { Window } from '../../core/detector/detector.ts'
import { durationMs } from '../../core/time/duration.ts'
import type { memoryShape, paneShape } from './cells.ts'
import { centresOf, skewOf } from './clock.ts'
import type { Config } from './config.ts'
import { flag, has, networkOf, type Sighting } from './sighting.ts'

export type SkewWindow = Window<typeof paneShape, typeof memoryShape>
export type SkewCells = Cells<typeof paneShape>

/** An id in this window, and all that is remembered of it. */
export interface Known {
  readonly now: Sighting
  readonly past: Sighting
  /** The long memory has it: else a sample left it out, and what came before the window is unknown. */
  readonly isRemembered: boolean
  /** Network of the last delivery; 0 when unknown. */
  readonly network: number
}

/** What the networks of a provider are known for. */
export interface Networks {
  /** Steady skew of a network, milliseconds. */
  centreOf(network: number): number
  /** The network delivers new ids on time, more than it repeats. An unknown network counts as usual. */
  isUsual(network: number): boolean
  /** The network delivers nothing new, while others do, and the provider does not keep changing networks. */
  isStranger(network: number): boolean
}

/** Everything that is known of a provider. */
export interface Picture extends Networks {
  readonly window: SkewWindow
  readonly config: Config
  readonly known: readonly Known[]
  readonly remembered: readonly Sighting[]
  /** The same for all instances of the detector that judge clocks alike. */
  readonly networks: Networks
  /** Share of all ids that the long memory holds; and what a threshold is of such a sample, at least `least`. */
  readonly share: number
  ofSample(min: number, least: number): number
}

/** New ids from which on a network is usual: fewer may be captured ones that never arrived. */
const newIdsMin = 3
/** Share of new ids that come from networks seen once, above which a new network means nothing (Good and Turing). */
const changingShare = 0.1

export function pictureOf(window: SkewWindow, config: Config): Picture {
  const { known, remembered, share } = window.once(knownOf)
  const networks = networksFor(window, config, remembered)
  const { centreOf, isUsual, isStranger } = networks
  return {
    centreOf,
    isUsual,
    isStranger,
    window,
    config,
    known,
    remembered,
    networks,
    share,
    ofSample: (min, least) => Math.max(Math.min(least, min), Math.ceil(min * share)),
  }
}

function knownOf(window: SkewWindow): Pick<Picture, 'known' | 'remembered' | 'share'> {
  const { longSightings } = window.memory
  const remembered = longSightings.rows()
  const byKey = new Map(remembered.map((row) => [row.key, row]))
  const known = window.total.sightings.rows().map((now): Known => {
    const past = byKey.get(now.key)
    return { now, past: past ?? now, isRemembered: past !== undefined, network: networkOf(now.latest) }
  })
  const share = longSightings.complete ? 1 : remembered.length / longSightings.distinct
  return { known, remembered, share }
}

/** By the settings that they depend on. */
const noNetworks = (): Map<string, Networks> => new Map()

function networksFor(window: SkewWindow, config: Config, remembered: readonly Sighting[]): Networks {
  const { tolerance, drift_min, drift_max, drift_spread_max, drift_ids_min, drift_backed_by } = config
  const settings = [tolerance, drift_min, drift_max, drift_spread_max, drift_ids_min, drift_backed_by].join()
  const made = window.once(noNetworks)
  const networks = made.get(settings) ?? networksOf(remembered, config)
  made.set(settings, networks)
  return networks
}

function networksOf(remembered: readonly Sighting[], config: Config): Networks {
  const signs = remembered.some((row) => has(row, flag.signed))
  const centreOf = centresOf(remembered, config)
  const toleranceMs = durationMs(config.tolerance)
  const all = new Map<number, number>()
  const origins = new Map<number, number>()
  const repeats = new Map<number, number>()
  for (const row of remembered) {
    if (row.first_success === undefined || (signs && has(row, flag.unsigned))) continue
    const [origin, latest] = [networkOf(row.origin), networkOf(row.latest)]
    const skewMs = row.first === row.first_success ? skewOf(row) : undefined
    const onTime = skewMs === undefined || Math.abs(skewMs - centreOf(origin)) <= toleranceMs
    add(all, origin)
    if (onTime) add(origins, origin)
    if (latest !== origin) add(repeats, latest)
  }
  const counts = [...all.values()]
  const total = counts.reduce((sum, count) => sum + count, 0)
  const changing = total === 0 || counts.filter((count) => count === 1).length / total > changingShare
  const isUsual = (network: number) =>
    network === 0 ||
    ((origins.get(network) ?? 0) >= newIdsMin && (origins.get(network) ?? 0) > (repeats.get(network) ?? 0))
  const someUsual = [...origins.keys()].some((network) => network !== 0 && isUsual(network))
  return { centreOf, isUsual, isStranger: (network) => !isUsual(network) && someUsual && !changing }
}

function add(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
