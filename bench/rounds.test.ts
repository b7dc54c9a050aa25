import { expect, it } from 'vitest'
import { inTurns, median, quantile } from './rounds.ts'

it('the median is the middle, or between the middle two', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([1, 10, 100, 1000])).toBe(55)
  expect(median([])).toBeNaN()
})

it('below a quantile lies that share of the values', () => {
  const values = Array.from({ length: 1000 }, (_, index) => 999 - index)
  expect([0.5, 0.99, 0.999].map((share) => quantile(values, share))).toEqual([500, 990, 999])
  expect(quantile([7], 0.999)).toBe(7)
})

it('things are measured in turns, and each gets its median', async () => {
  const order: string[] = []
  const subject = (name: string, values: number[]) => async () => {
    order.push(name)
    return values.shift() ?? Number.NaN
  }
  expect(await inTurns(3, [subject('a', [3, 1, 2]), subject('b', [30, 10, 99])])).toEqual([2, 30])
  expect(order.join('')).toBe('ababab')
})
