import { expect, it } from 'vitest'
import { hourOfWeek } from './hour-of-week.ts'

it('counts from Monday midnight, UTC', () => {
  expect(hourOfWeek(Date.UTC(2026, 0, 5, 0))).toBe(0)
  expect(hourOfWeek(Date.UTC(2026, 0, 5, 9, 59, 59, 999))).toBe(9)
  expect(hourOfWeek(Date.UTC(2026, 0, 4, 23, 59, 59, 999))).toBe(167)
  expect(hourOfWeek(0)).toBe(72)
})
