/** `00:0` and `0:00` as words, and the bits in which no digit differs from these: all of a separator's. */
const zeros = { first: 0x303a3030, second: 0x30303a30 }
const fixed = { first: 0xf0fff0f0 | 0, second: 0xf0f0fff0 | 0 }
/** Added to what a digit differs by, it reaches the upper half of the byte from 10 on. */
const overNine = 0x06060606
const upperHalves = 0xf0f0f0f0 | 0

/** Milliseconds since midnight of `08:30:59` at `from`; -1 when it is no time of day, or a leap second. */
export function timeOfDay(view: DataView, from: number): number {
  const first = view.getInt32(from, true) ^ zeros.first
  const second = view.getInt32(from + 4, true) ^ zeros.second
  const wrong = (first & fixed.first) | (second & fixed.second)
  const over = ((first + overNine) | (second + overNine)) & upperHalves
  if ((wrong | over) !== 0) return -1
  const hours = (first & 15) * 10 + ((first >> 8) & 15)
  const minutes = ((first >> 24) & 15) * 10 + (second & 15)
  const seconds = ((second >> 16) & 15) * 10 + ((second >> 24) & 15)
  return hours > 23 || minutes > 59 || seconds > 59 ? -1 : ((hours * 60 + minutes) * 60 + seconds) * 1000
}
