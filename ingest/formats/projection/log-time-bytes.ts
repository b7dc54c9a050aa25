import { logTime } from '../log-time.ts'
import { timeOfDay } from './clock-bytes.ts'
import type { LineBytes } from './line-bytes.ts'

/** Of `17/May/2015:10:05:03 +0000`; the clock stands at 12, the zone at 20. */
export const logTimeLength = 26
const clockAt = 12
const zoneAt = 20

/** Reads the time of common and combined logs from its bytes. The day's start is remembered with its zone. */
export class LogTimeBytes {
  readonly #words = new Int32Array(5)
  #dayMs = 0

  /** Epoch milliseconds of the text that starts at `from`; `undefined` when it is none of that length. */
  read(line: LineBytes, from: number): number | undefined {
    const clock = timeOfDay(line.view, from + clockAt)
    if (clock >= 0 && this.#isDay(line, from)) return this.#dayMs + clock
    return logTime(line.bytes.toString('latin1', from, from + logTimeLength))
  }

  #isDay({ bytes, view }: LineBytes, from: number): boolean {
    const [day, month, year, zone, zoneEnd] = this.#words
    if (
      view.getInt32(from, true) === day &&
      view.getInt32(from + 4, true) === month &&
      view.getInt32(from + 8, true) === year &&
      view.getInt32(from + zoneAt, true) === zone &&
      view.getInt32(from + zoneAt + 2, true) === zoneEnd
    ) {
      return true
    }
    const date = bytes.toString('latin1', from, from + clockAt)
    const start = logTime(`${date}00:00:00${bytes.toString('latin1', from + zoneAt, from + logTimeLength)}`)
    if (start === undefined) return false
    this.#dayMs = start
    for (const [index, at] of [0, 4, 8, zoneAt, zoneAt + 2].entries()) {
      this.#words[index] = view.getInt32(from + at, true)
    }
    return true
  }
}
