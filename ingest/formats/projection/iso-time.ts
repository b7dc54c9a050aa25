import { instantMax, isoInstant } from '../instant.ts'
import { timeOfDay } from './clock-bytes.ts'
import type { LineBytes } from './line-bytes.ts'

/** Of `2026-03-09T08:00:00Z`, the shortest text read here, its date, and both with the time. */
const lengthMin = 20
const dateLength = 11
const secondsLength = 19
const digitsMax = 9

/**
 * Reads ISO 8601 text such as `2026-03-09T08:00:00.251Z` or `…:00+01:00` from its bytes. The day's start is remembered,
 * for the lines of a day come together.
 */
export class IsoTime {
  #year = 0
  #monthDay = 0
  #dayEnd = 0
  #dayMs = 0

  /** Epoch milliseconds, or `undefined` when the text has another shape; it may still be an instant. */
  read(line: LineBytes, from: number, end: number): number | undefined {
    if (end - from < lengthMin) return undefined
    const { bytes, view } = line
    const clock = timeOfDay(view, from + dateLength)
    if (clock < 0 || !this.#isDay(line, from)) return undefined
    let at = from + secondsLength
    let milliseconds = 0
    if (bytes[at] === 0x2e) {
      let scale = 100
      const fraction = ++at
      for (
        let digit = (bytes[at] as number) - 0x30;
        digit >= 0 && digit <= 9;
        digit = (bytes[at] as number) - 0x30
      ) {
        milliseconds += digit * scale
        scale = scale === 1 ? 0 : scale / 10
        at++
      }
      if (at === fraction || at - fraction > digitsMax) return undefined
    }
    const local = this.#dayMs + clock + milliseconds
    if (bytes[at] === 0x5a && at + 1 === end) return local
    const time = local - this.#zoneMs(line, at, end)
    // Before 1970, after 9999, and without a zone, others decide.
    return time >= 0 && time <= instantMax ? time : undefined
  }

  /** Milliseconds east of UTC of `+01:00`; NaN for anything else. */
  #zoneMs({ bytes }: LineBytes, at: number, end: number): number {
    const isWest = bytes[at] === 0x2d
    if ((bytes[at] !== 0x2b && !isWest) || end - at !== 6 || bytes[at + 3] !== 0x3a) return Number.NaN
    const hours = digits(bytes[at + 1] as number, bytes[at + 2] as number)
    const minutes = digits(bytes[at + 4] as number, bytes[at + 5] as number)
    if (!(hours <= 23 && minutes <= 59)) return Number.NaN
    return (isWest ? -1 : 1) * (hours * 60 + minutes) * 60_000
  }

  /** Whether the date before the `T` is one; its start is then in `#dayMs`. */
  #isDay({ bytes, view }: LineBytes, from: number): boolean {
    const year = view.getInt32(from, true)
    const monthDay = view.getInt32(from + 4, true)
    const dayEnd = view.getInt32(from + 7, true)
    if (year === this.#year && monthDay === this.#monthDay && dayEnd === this.#dayEnd) return true
    const start = isoInstant(`${bytes.toString('latin1', from, from + dateLength)}00:00:00Z`)
    if (start === undefined) return false
    this.#year = year
    this.#monthDay = monthDay
    this.#dayEnd = dayEnd
    this.#dayMs = start
    return true
  }
}

/** The number of two digits; NaN when they are none. */
function digits(tens: number, ones: number): number {
  const isNumber = tens >= 0x30 && tens <= 0x39 && ones >= 0x30 && ones <= 0x39
  return isNumber ? (tens - 0x30) * 10 + (ones - 0x30) : Number.NaN
}
