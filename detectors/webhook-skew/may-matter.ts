import { durationMs } from '../../core/time/duration.ts'
import { forgedIdsKept, offMs } from './cells.ts'
import type { Config } from './config.ts'
import { slowFactor } from './forgeries.ts'
import type { Known, SkewWindow } from './picture.ts'
import { mayReplay } from './replays.ts'
import { flag, networkOf } from './sighting.ts'

/** False for a provider of which nothing can be claimed: reading all that is remembered of one is what costs. */
export function mayMatter(window: SkewWindow, config: Config): boolean {
  return mayForge(window, config) || maySkew(window, config) || mayRepeat(window, config)
}

/** False for an address whose failures are too few. */
export function senderMayMatter(window: SkewWindow, config: Config): boolean {
  const { signature_failures_min, status_failures_min } = config
  if (window.size('forged') >= signature_failures_min || window.size('refused') >= status_failures_min)
    return true
  const slowMin = signature_failures_min * slowFactor
  // What is counted exactly is never more than the sum of its parts.
  return slowMin > forgedIdsKept || window.memorySize('longForgedIds') >= slowMin
}

function mayForge(window: SkewWindow, { spread_failures_min, signature_failures_min }: Config): boolean {
  if (window.size('forged') >= spread_failures_min) return true
  const refused = window.size('refusedIds')
  const unsigned = window.size('unsignedIds')
  if (refused + unsigned < signature_failures_min) return false
  return refused >= signature_failures_min || window.memorySize('longSigned') > 0
}

/**
 * An id is off only when one of its timestamps is, or its first delivery had none and a later one has. A sender's centre
 * is a median, so it needs half of its ids off.
 */
function maySkew(window: SkewWindow, config: Config): boolean {
  if (Math.min(durationMs(config.drift_min), durationMs(config.tolerance)) < offMs) return true
  const now = window.size('off') + Math.min(window.size('unstamped'), window.size('stamped'))
  if (now >= Math.min(3, config.skewed_ids_min)) return true
  const past =
    window.memorySize('longOff') +
    Math.min(window.memorySize('longUnstamped'), window.memorySize('longStamped'))
  return past >= config.drift_ids_min / 2
}

function mayRepeat(window: SkewWindow, config: Config): boolean {
  const { again, twice } = window.once(repeatsOf)
  return again || twice.some((known) => mayReplay(known, window.start, config))
}

interface Repeats {
  /** An id that succeeded before the window came again in it. */
  readonly again: boolean
  /** Ids that came more than once in the window, and never before. */
  readonly twice: readonly Known[]
}

function repeatsOf(window: SkewWindow): Repeats {
  const { sightings } = window.total
  const { slices } = window
  const view = sightings.view()
  const [deliveries, flags] = [view.column('deliveries'), view.column('flags')]
  const twice: Known[] = []
  for (let place = 0; place < view.count; place++) {
    const times = deliveries[place] || 0
    if (times === 0 || ((flags[place] as number) & flag.named) === 0) continue
    const key = view.keyNumber(place)
    let isKnown = false
    for (const { cells } of slices) {
      const before = cells.longSightings.rowOf(key)
      if (before && (times > 1 || before.first_success !== undefined)) return { again: true, twice: [] }
      isKnown ||= before !== undefined
    }
    const now = !isKnown && times > 1 ? sightings.rowOf(key) : undefined
    if (now) twice.push({ now, past: now, isRemembered: true, network: networkOf(now.latest) })
  }
  return { again: false, twice }
}
