import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bucketCeiling, bucketEpsilon, bucketFloor } from './bucket.ts'

it('keeps integers up to 128, and rounds down after that', () => {
  for (let value = 0; value <= 128; value++) expect(bucketFloor(value)).toBe(value)
  expect([129, 130, 131].map(bucketFloor)).toEqual([128, 130, 130])
  expect(bucketFloor(-131)).toBe(-130)
})

it('is at most 2 % below, monotone, its own edge, and knows no negative zero', () => {
  const magnitude = fc.double({ min: bucketEpsilon, max: bucketCeiling, noNaN: true })
  fc.assert(
    fc.property(magnitude, magnitude, (left, right) => {
      const edge = bucketFloor(left)
      expect(edge).toBeLessThanOrEqual(left)
      expect(edge).toBeGreaterThan(left * 0.98)
      expect(bucketFloor(edge)).toBe(edge)
      if (left <= right) expect(edge).toBeLessThanOrEqual(bucketFloor(right))
      expect(bucketFloor(-left)).toBe(-edge)
    }),
  )
  expect(Object.is(bucketFloor(-0), 0)).toBe(true)
})

it('bounds the number of buckets at both ends', () => {
  expect([1e-9, -1e-9].map(bucketFloor)).toEqual([0, 0])
  expect([1e300, Number.POSITIVE_INFINITY].map(bucketFloor)).toEqual([bucketCeiling, bucketCeiling])
})
