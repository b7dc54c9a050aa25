import type { Buffer } from 'node:buffer'

/** More digits may not be what they seem in a double; more decimals are no instant. */
const digitsMax = 15
const decimalsMax = 9
const powersOfTen = Float64Array.from({ length: decimalsMax + 1 }, (_, power) => 10 ** power)

/** The number that text of digits, perhaps with a point among them, stands for; NaN for any other text. */
export function plainNumber(bytes: Buffer, from: number, end: number): number {
  let value = 0
  let point = end
  for (let at = from; at < end; at++) {
    const digit = ((bytes[at] as number) - 0x30) | 0
    if (digit >= 0 && digit <= 9) value = value * 10 + digit
    else if (digit === -2 && point === end && at > from && at < end - 1) point = at
    else return Number.NaN
  }
  const decimals = point === end ? 0 : end - point - 1
  if (end === from || end - from > digitsMax || decimals > decimalsMax) return Number.NaN
  // Both parts are exact, so their quotient is rounded once, as the number itself would be.
  return decimals === 0 ? value : value / (powersOfTen[decimals] as number)
}
