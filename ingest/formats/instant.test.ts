import fc from 'fast-check'
import { expect, it } from 'vitest'
import { anyInstant, instantMax, isoInstant } from './instant.ts'
import { logTime, logTimeReader } from './log-time.ts'

it('reads back every ISO instant', () => {
  const date = fc.date({ min: new Date(0), max: new Date(instantMax), noInvalidDate: true })
  fc.assert(fc.property(date, (value) => isoInstant(value.toISOString()) === value.getTime()))
})

it.each([
  [1_763_800_000, 1_763_800_000_000],
  [1_763_800_000.123, 1_763_800_000_123],
  ['1763800000.123', 1_763_800_000_123],
  [99_999_999_999, 99_999_999_999_000],
  [100_000_000_000, 100_000_000_000],
  ['2025-11-22 08:26:40 +0000', 1_763_800_000_000],
  ['2025-11-22T08:26Z', Date.UTC(2025, 10, 22, 8, 26)],
  ['2025-11-22T08:26:40+0530', Date.UTC(2025, 10, 22, 2, 56, 40)],
  [Number.NaN, undefined],
  [-5, undefined],
  ['2025-13-01T00:00:00Z', undefined],
  ['2025-11-22T08:26:40+99:00', undefined],
  ['1e3', undefined],
  [{}, undefined],
])('%s', (written, expected) => {
  expect(anyInstant(written)).toBe(expected)
})

it('reads log times, also when the second changes and comes back', () => {
  const read = logTimeReader()
  expect(read('17/May/2015:10:05:03 +0000')).toBe(Date.UTC(2015, 4, 17, 10, 5, 3))
  expect(read('17/May/2015:10:05:04 -0130')).toBe(Date.UTC(2015, 4, 17, 11, 35, 4))
  expect(read('17/May/2015:10:05:03 +0000')).toBe(Date.UTC(2015, 4, 17, 10, 5, 3))
  for (const wrong of [
    '17/Mai/2015:10:05:03 +0000',
    '31/Feb/2015:10:05:03 +0000',
    '17/May/2015:25:05:03 +0000',
    '',
  ]) {
    expect(logTime(wrong)).toBeUndefined()
  }
})
