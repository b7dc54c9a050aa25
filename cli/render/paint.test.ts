import { expect, it } from 'vitest'
import { reportLayout, screenLayout } from './layout.ts'
import { coloured, paintFor, plain } from './paint.ts'

it('colours only a terminal that wants it', () => {
  expect(paintFor({})).toBe(plain)
  expect(paintFor({ isTTY: true, hasColors: () => false })).toBe(plain)
  expect(paintFor({ isTTY: true, hasColors: () => true })).toBe(coloured)
  expect(paintFor({ isTTY: false, hasColors: () => true })).toBe(plain)
  expect(coloured('bad', 'high')).toBe('\u001b[31mhigh\u001b[0m')
})

it('keeps a row on one line where programs read, and a page readable everywhere', () => {
  expect(screenLayout({ columns: 90 }).width).toBeUndefined()
  expect(screenLayout({ isTTY: true, columns: 90 }).width).toBe(90)
  expect(reportLayout({}).width).toBe(120)
  expect(reportLayout({ columns: 300 }).width).toBe(140)
  expect(reportLayout({ columns: 20 }).width).toBe(80)
})
