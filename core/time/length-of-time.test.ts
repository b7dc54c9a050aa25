import { expect, it } from 'vitest'
import { lengthOfTime } from './length-of-time.ts'

it('writes the two greatest units that say something', () => {
  const seconds = [-1, 0, 0.4, 45, 600, 601, 3600, 3605, 83_940, 16_813_117]
  expect(seconds.map((one) => lengthOfTime(one * 1000))).toEqual([
    '0 s',
    '0 s',
    '1 s',
    '45 s',
    '10 min',
    '10 min 1 s',
    '1 h',
    '1 h',
    '23 h 19 min',
    '194 d 14 h',
  ])
})
