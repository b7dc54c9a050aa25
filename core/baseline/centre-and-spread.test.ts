import fc from 'fast-check'
import { medianAbsoluteDeviation } from 'simple-statistics'
import { expect, it } from 'vitest'
import { centreAndSpread, spreadMinShare } from './centre-and-spread.ts'

it('is the median and the scaled MAD', () => {
  const ones = [1, 1, 2, 2, 4, 6, 9]
  const stats = centreAndSpread(ones.map((value) => ({ value, count: 1 })))
  expect(stats).toEqual({ centre: 2, spread: 1.4826 * medianAbsoluteDeviation(ones), samples: 7 })
})

it('has a least spread, so that a flat history tolerates something', () => {
  const flat = centreAndSpread([{ value: 40, count: 500 }])
  expect(flat).toEqual({ centre: 40, spread: 40 * spreadMinShare, samples: 500 })
})

it('is not moved by a few outliers', () => {
  const quiet = Array.from({ length: 90 }, (_, index) => ({ value: 10 + (index % 5), count: 1 }))
  const stats = centreAndSpread([...quiet, { value: 1e6, count: 10 }])
  expect(stats?.centre).toBeLessThan(14)
  expect(stats?.spread).toBeLessThan(4)
})

it('knows nothing without samples', () => {
  expect(centreAndSpread([])).toBeUndefined()
  expect(centreAndSpread([{ value: 3, count: 0 }])).toBeUndefined()
})

it('takes counts without bound, in any order, for the same result', () => {
  const weighted = fc.record({
    value: fc.integer({ min: 0, max: 1000 }),
    count: fc.integer({ min: 1, max: 1e9 }),
  })
  const distribution = fc.uniqueArray(weighted, {
    minLength: 1,
    maxLength: 50,
    selector: ({ value }) => value,
  })
  fc.assert(
    fc.property(distribution, (values) => {
      const stats = centreAndSpread(values)
      expect(centreAndSpread(values.toReversed())).toEqual(stats)
      const below = values.filter(({ value }) => value < (stats?.centre ?? 0))
      const above = values.filter(({ value }) => value > (stats?.centre ?? 0))
      const share = (part: typeof values) =>
        part.reduce((sum, { count }) => sum + count, 0) / (stats?.samples ?? 1)
      // The median within what 1024 ranks resolve.
      expect(share(below)).toBeLessThan(0.502)
      expect(share(above)).toBeLessThan(0.502)
    }),
  )
})
