import { expect, it } from 'vitest'
import { LineLimit } from './line-limit.ts'

it('lets so many lines through in a second, and counts the rest once the second is over', () => {
  const limit = new LineLimit(2)
  expect([1000, 1001, 1002, 1999].map((now) => limit.take(now))).toEqual([true, true, false, false])
  expect(limit.held(1999)).toBe(0)
  expect(limit.held(2000)).toBe(2)
  expect(limit.held(2001)).toBe(0)
  expect(limit.take(2001)).toBe(true)
})

it('goes on when the clock is set back', () => {
  const limit = new LineLimit(1)
  expect([5000, 5001, 4000].map((now) => limit.take(now))).toEqual([true, false, true])
})
