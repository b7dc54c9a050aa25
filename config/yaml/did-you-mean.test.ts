import fc from 'fast-check'
import { expect, it } from 'vitest'
import { didYouMean, editDistance } from './did-you-mean.ts'

it.each([
  ['', '', 0],
  ['a', '', 1],
  ['kitten', 'sitting', 3],
  ['critcal', 'critical', 1],
  ['hgih', 'high', 1],
])('from %j to %j', (left, right, distance) => {
  expect(editDistance(left, right)).toBe(distance)
})

it('is symmetric, zero only for equal texts, and never more than the longer text', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (left, right) => {
      const distance = editDistance(left, right)
      expect(distance).toBe(editDistance(right, left))
      expect(distance === 0).toBe(left === right)
      expect(distance).toBeLessThanOrEqual(Math.max(left.length, right.length))
    }),
  )
})

it.each([
  ['dataDir', 'data_dir'],
  ['data-dir', 'data_dir'],
  ['sorces', 'sources'],
  ['zebra', undefined],
  ['x', undefined],
])('%s means %s', (name, meant) => {
  expect(didYouMean(name, ['data_dir', 'sources', 'routes', 'response'])).toBe(meant)
})
