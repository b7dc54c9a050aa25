import { randomBytes } from 'node:crypto'

const random = randomBytes(8)

/**
 * Of this process alone, so that nobody knows where a text goes. Odd, so that no bit is lost. Texts of one hash can be
 * made all the same (high bits of words an even distance apart cancel out, whatever the multiplier), which is why the
 * tables look at a few places only.
 */
export const hashKey = { multiplier: random.readInt32LE(0) | 1, seed: random.readInt32LE(4) }

/**
 * Marks the bytes of a word that plain JSON text can't hold: the lowest bit set is bit 7 of the first quote, backslash,
 * control character or byte from 0x80 on; 0 without any. Marks above the lowest one may be wrong. After Lemire,
 * "Quickly checking whether a string needs escaping" (2024): `x ^ 2` brings the quote next to the controls.
 */
export function stopsIn(word: number): number {
  return (((word ^ 0x02020202) - 0x21212121) | ((word ^ 0x5c5c5c5c) - 0x01010101) | word) & -0x7f7f7f80
}

/** How far to shift a word right to have its first marked byte lowest: 0, 8, 16 or 24. */
export function shiftOf(stops: number): number {
  return (31 - Math.clz32(stops & -stops)) & 24
}

/** A hash of text in a field, all bits mixed; `hash` is that of the text's words. */
export function mixedHash(hash: number, place: number): number {
  const sum = (hash + Math.imul(place, -0x61c88647)) | 0
  const product = Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d)
  return product ^ (product >>> 13)
}
