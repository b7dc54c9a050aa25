import { expect, it } from 'vitest'
import { hashSpace, keyedHash, publicHash } from './keyed-hash.ts'

const reference = keyedHash(0x03020100, 0x07060504)

/** The published 64-bit vectors are byte strings; an even number of bytes is a string of code units. */
function expected(bytes: readonly number[]): number {
  const view = new DataView(Uint8Array.from(bytes).buffer)
  return (view.getUint32(4, true) >>> 11) * 2 ** 32 + view.getUint32(0, true)
}

it('agrees with the published HalfSipHash-2-4 vectors', () => {
  expect(reference('')).toBe(expected([0x21, 0x8d, 0x1f, 0x59, 0xb9, 0xb8, 0x3c, 0xc8]))
  expect(reference('\u0100')).toBe(expected([0x06, 0x4f, 0x39, 0xef, 0x7c, 0x50, 0xeb, 0x57]))
})

it('spreads over the whole space and depends on the key', () => {
  let sum = 0
  for (let index = 0; index < 4000; index++) sum += publicHash(`id-${index}`) / hashSpace
  expect(sum / 4000).toBeGreaterThan(0.48)
  expect(sum / 4000).toBeLessThan(0.52)
  expect(publicHash('mallory')).not.toBe(reference('mallory'))
})
