import type { Condition } from './condition.ts'
import type { Facts } from './facts.ts'

export interface LagBounds {
  /** Sealed event time may be so far behind the clock: the longest lateness that is waited for, and some minutes. */
  readonly lagMsMax: number
  /** For so long it must have been beyond that, or have grown, before it is told. */
  readonly forMs: number
}

/** Lag grows by jitter; less than this in `forMs` is none of it. */
const growthMsMin = 60_000
/** Readings that are compared for growth; each must be no less than the one before. */
const steps = 5

/**
 * Final findings come late: what is sealed is further behind the clock than the sources' lateness explains. `history` is
 * oldest first.
 */
export function telemetryLag(history: readonly Facts[], bounds: LagBounds): Condition | undefined {
  const stretch = lastStretch(history, (facts) => isKnown(facts) && lagMs(facts) > bounds.lagMsMax)
  const [first, newest] = [stretch[0], stretch.at(-1)]
  if (!first || !newest || newest.at - first.at < bounds.forMs) return undefined
  return {
    rule: 'telemetry-lag',
    what: 'telemetry',
    since: first.at,
    evidence: {
      lag_seconds: seconds(lagMs(newest)),
      bound_seconds: seconds(bounds.lagMsMax),
      what_to_do:
        'while a backlog is read this passes by itself; else see which partition is behind (picket_watermark_lag_seconds), and whether its sender or the clock of its machine is late',
    },
  }
}

/** Events come faster than they are judged: the lag has only grown for a while. */
export function fallingBehind(history: readonly Facts[], bounds: LagBounds): Condition | undefined {
  const reading = lastStretch(history, isKnown)
  const newest = reading.at(-1)
  const from = newest && reading.findLast(({ at }) => newest.at - at >= bounds.forMs)
  if (!newest || !from) return undefined
  const window = reading.filter(({ at }) => at >= from.at)
  const lags = Array.from({ length: steps + 1 }, (_, step) => {
    return lagMs(window[Math.round((step * (window.length - 1)) / steps)] ?? newest)
  })
  const grows = lags.every((lag, step) => step === 0 || lag > (lags[step - 1] ?? lag))
  const grown = (lags.at(-1) ?? 0) - (lags[0] ?? 0)
  // A source that gives nothing, and is not yet idle, looks the same; but then nothing is read.
  if (!grows || grown < growthMsMin || accepted(newest) === accepted(from)) return undefined
  // Nothing waits, or less than before: then it is the senders who are late.
  if (newest.waiting !== undefined && newest.waiting <= (from.waiting ?? 0)) return undefined
  return {
    rule: 'falling-behind',
    what: 'judging',
    since: from.at,
    evidence: {
      lag_seconds: seconds(lagMs(newest)),
      grown_seconds: seconds(grown),
      in_seconds: seconds(newest.at - from.at),
      ...(newest.waiting === undefined ? {} : { records_waiting: newest.waiting }),
      what_to_do:
        'see whether picket_loop_busy_seconds_total grows by nearly 1 a second: if so raise `workers` or give it a faster core; if not the sources deliver too slowly',
    },
  }
}

/** The readings up to the newest in which something held without a break. */
function lastStretch(history: readonly Facts[], holds: (facts: Facts) => boolean): readonly Facts[] {
  const broken = history.findLastIndex((facts) => !holds(facts))
  return history.slice(broken + 1)
}

/** Idle sources leave time to the clock, and before the first event there is none. */
function isKnown({ isReading, watermark }: Facts): boolean {
  return isReading && Number.isFinite(watermark)
}

function lagMs({ at, watermark }: Facts): number {
  return at - watermark
}

function accepted({ sources }: Facts): number {
  return sources.reduce((sum, source) => sum + source.accepted, 0)
}

function seconds(ms: number): number {
  return Math.round(ms / 1000)
}
