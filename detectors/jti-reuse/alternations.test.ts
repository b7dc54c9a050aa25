import { expect, it } from 'vitest'
import { turnsBetween } from './alternations.ts'

it.each([
  ['one after the other', [1, 2, 3], [4, 5], 1],
  ['once back', [1, 9], [4, 5], 2],
  ['by turns', [1, 3, 5], [2, 4, 6], 5],
  ['equal times are not after', [1, 5], [1, 5], 2],
  ['an equal time within', [1, 3], [2, 3], 2],
  ['any order of instants', [5, 1, 3], [6, 2, 4], 5],
])('%s', (_name, left, right, count) => {
  expect(turnsBetween(left, right).count).toBe(count)
  expect(turnsBetween(right, left).count).toBe(count)
})

it('tells the last change, the shortest gap and how long both were in use', () => {
  expect(turnsBetween([0, 100, 300], [160, 200])).toEqual({ count: 2, last: 300, gapMs: 60, overlapMs: 40 })
  expect(turnsBetween([0, 10], [50]).overlapMs).toBe(-40)
})
