/** ISO 8601; what no date can say stays a number, so that one damaged record doesn't hide all others. */
export function isoTime(time: number): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString()
}

/** `2026-11-22 14:05:09`, UTC. */
export function shortTime(time: number): string {
  return isoTime(time).slice(0, 19).replace('T', ' ')
}

/** `14:05`, UTC. */
export function clockTime(time: number): string {
  return new Date(time).toISOString().slice(11, 16)
}

/** `45 s`, `12 min`, `23 h 20 min`, `3 d`: how long something still lasts. */
export function lengthOfTime(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return `${Math.max(0, Math.round(ms / 1000))} s`
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return `${Math.floor(hours / 24)} d`
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}
