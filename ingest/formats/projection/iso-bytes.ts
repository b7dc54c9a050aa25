import { isoInstant } from '../instant.ts'
import { latin1Of } from './latin1-of.ts'

const dash = 0x2d
const colon = 0x3a
const dot = 0x2e
const zero = 0x30
const letterT = 0x54
const letterZ = 0x5a
const dateLength = 10

/** Reads instants in the spelling `2026-03-09T08:00:00.251Z`; the date is read once a day. */
export class IsoBytes {
  readonly #date = new Uint8Array(dateLength)
  #midnight = Number.NaN

  /** Epoch milliseconds, `undefined` for any other spelling. */
  instant(bytes: Uint8Array, start: number, end: number): number | undefined {
    if (end - start < 20 || bytes[end - 1] !== letterZ || bytes[start + dateLength] !== letterT)
      return undefined
    if (bytes[start + 13] !== colon || bytes[start + 16] !== colon || bytes[start + 4] !== dash)
      return undefined
    const hour = twoDigits(bytes, start + 11)
    const minute = twoDigits(bytes, start + 14)
    const second = twoDigits(bytes, start + 17)
    if (!(hour <= 23 && minute <= 59 && second <= 59)) return undefined
    const fraction = end - start === 20 ? 0 : milliseconds(bytes, start + 19, end - 1)
    const midnight = this.#midnightOf(bytes, start)
    if (fraction === undefined || Number.isNaN(midnight)) return undefined
    return midnight + ((hour * 60 + minute) * 60 + second) * 1000 + fraction
  }

  #midnightOf(bytes: Uint8Array, start: number): number {
    let same = !Number.isNaN(this.#midnight)
    for (let at = 0; same && at < dateLength; at++) same = this.#date[at] === bytes[start + at]
    if (same) return this.#midnight
    const midnight = isoInstant(`${latin1Of(bytes, start, start + dateLength)}T00:00:00Z`)
    this.#midnight = midnight ?? Number.NaN
    for (let at = 0; at < dateLength; at++) this.#date[at] = bytes[start + at] as number
    return this.#midnight
  }
}

/** `NaN` when they are no digits. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - zero
  const ones = (bytes[at + 1] as number) - zero
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

/** Milliseconds of a fraction with its point, of one to nine digits, cut. */
function milliseconds(bytes: Uint8Array, start: number, end: number): number | undefined {
  const digits = end - start - 1
  if (bytes[start] !== dot || digits < 1 || digits > 9) return undefined
  let value = 0
  for (let at = start + 1; at < end; at++) {
    const digit = (bytes[at] as number) - zero
    if (!(digit >= 0 && digit <= 9)) return undefined
    if (at <= start + 3) value = value * 10 + digit
  }
  return digits === 1 ? value * 100 : digits === 2 ? value * 10 : value
}
