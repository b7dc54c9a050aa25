import { expect, it } from 'vitest'
import { parseRate } from './rate.ts'

it.each([
  ['5/m', 5, 60_000],
  ['1/s', 1, 1000],
  ['100/h', 100, 3_600_000],
  ['10/30s', 10, 30_000],
  ['1000/d', 1000, 86_400_000],
])('reads %s', (text, count, perMs) => {
  expect(parseRate(text)).toEqual({ count, perMs })
})

it.each(['0/m', '5', '5/', '/m', '5/0s', '-5/m', '5.5/m', '5/min', '5/ms', ' 5/m', '99999999/s'])(
  'refuses %s and says how to write one',
  (text) => {
    expect(() => parseRate(text)).toThrow(/is not a rate; write/)
  },
)
