import fc from 'fast-check'
import { expect, test } from 'vitest'
import { largestGroup, timeGroups } from './time-groups.ts'

test('cuts where neighbours in time are further apart, whatever the order of arrival', () => {
  const groups = timeGroups([100, 3, 101, 1, 2], 10)
  expect(groups).toEqual([
    { places: [1, 3, 4], least: 1, greatest: 3 },
    { places: [0, 2], least: 100, greatest: 101 },
  ])
})

test('a chain of small gaps is one group however long', () => {
  expect(
    timeGroups(
      Array.from({ length: 50 }, (_, index) => index * 10),
      10,
    ),
  ).toHaveLength(1)
})

test('the largest group, and of equals the earliest', () => {
  expect(largestGroup(timeGroups([500, 1, 501], 10))?.least).toBe(500)
  expect(largestGroup(timeGroups([500, 1], 10))?.least).toBe(1)
  expect(largestGroup([])).toBeUndefined()
})

test('every place is in exactly one group, and groups are further apart than the gap', () => {
  const times = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 50 }), (some, gapMs) => {
      const groups = timeGroups(some, gapMs)
      const places = groups.flatMap((group) => [...group.places])
      expect(places.sort((left, right) => left - right)).toEqual(some.map((_, place) => place))
      for (const [index, { least }] of groups.entries()) {
        const before = groups[index - 1]
        if (before) expect(least - before.greatest).toBeGreaterThan(gapMs)
      }
    }),
  )
})
