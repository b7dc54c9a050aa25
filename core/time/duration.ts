const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** A length of time as people write it: digits and one unit of `ms s m h d`, such as `15s` or `2h`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

/** Text that `durationMs` accepts: digits, then the unit. */
export const durationPattern = /^\d{1,9}(ms|s|m|h|d)$/

/** True for text that `durationMs` accepts. */
export function isDuration(text: string): text is Duration {
  return durationPattern.test(text)
}

/** Durations read before: they come from configuration, so they are few, and detectors ask with every event. */
const known = new Map<string, number>()
const knownMax = 1000

/** Milliseconds of a duration. Throws `RangeError` naming the text when it is not one. */
export function durationMs(text: Duration | string): number {
  const read = known.get(text)
  if (read !== undefined) return read
  const ms = parsedMs(text)
  if (known.size < knownMax) known.set(text, ms)
  return ms
}

function parsedMs(text: string): number {
  const match = durationPattern.exec(text)
  const unit = unitMs[match?.[1] ?? '']
  if (!match || unit === undefined) {
    throw new RangeError(`'${text}' is not a duration; write digits and a unit, such as 15s, 10m or 24h`)
  }
  return Number.parseInt(text, 10) * unit
}

/**
 * The shortest exact way to write a whole number of milliseconds: `90s`, `2h`, `1d` for what somebody may have written as
 * `24h`. `durationMs` reads it back, so it can be pasted into a configuration or a command.
 */
export function formatDuration(ms: number): Duration {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const size = unitMs[unit] ?? 1
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`
  }
  return `${ms}ms`
}
