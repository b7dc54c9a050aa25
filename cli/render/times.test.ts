import { expect, it } from 'vitest'
import { clockTime, lengthOfTime, shortTime } from './times.ts'

it('writes instants in UTC', () => {
  const time = Date.UTC(2026, 10, 22, 14, 5, 9)
  expect(shortTime(time)).toBe('2026-11-22 14:05:09')
  expect(clockTime(time)).toBe('14:05')
})

it('writes lengths of time in the units that matter', () => {
  const minute = 60_000
  const lengths = [0, 45_000, 59 * minute, 60 * minute, 1399 * minute, 48 * 60 * minute]
  expect(lengths.map(lengthOfTime)).toEqual(['0 s', '45 s', '59 min', '1 h', '23 h 19 min', '2 d'])
})
