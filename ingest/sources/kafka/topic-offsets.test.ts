import { expect, it } from 'vitest'
import { RangeGone } from '../range-gone.ts'
import { requireRanges } from './topic-offsets.ts'

const there = new Map([['t:0', { low: 10, high: 50 }]])
const wanted = (id: string, from: number, to: number) => () =>
  requireRanges(new Map([[id, { from, to }]]), there)

it('says of ranges that a topic has no more which, and why', () => {
  expect(wanted('t:0', 10, 50)).not.toThrow()
  expect(wanted('t:0', 9, 50)).toThrow(/t:0 begins at offset 10.*from 9 on, was deleted by retention/)
  expect(wanted('t:0', 10, 51)).toThrow(/ends at offset 50, before 51: the topic was created again/)
  expect(wanted('t:1', 10, 11)).toThrow(RangeGone)
})
