import { expect, it } from 'vitest'
import { SilenceWatch } from './silence.ts'

const minute = 60_000

/** Looks every ten seconds until `untilMin`; `records` tells how many there are at a minute. */
function watched(untilMin: number, records: (minute: number) => number, isOver = false) {
  const watch = new SilenceWatch()
  const found: number[] = []
  for (let at = 0; at <= untilMin * minute; at += 10_000) {
    const counts = { records: Math.floor(records(at / minute)), accepted: 0, late: 0, refused: 0 }
    if (watch.look(at, [{ name: 'gateway', ...counts, isOver }]).length > 0) found.push(at / minute)
  }
  return found
}

it('tells a steady source that stopped, ten minutes later, as long as it lasts', () => {
  const found = watched(60, (at) => 1 + Math.min(at, 40) * 100)
  expect(found[0]).toBeCloseTo(50 + 1 / 6)
  expect(found.at(-1)).toBe(60)
})

it('ends when it speaks again', () => {
  const found = watched(80, (at) => 1 + (at < 40 ? at : at < 60 ? 40 : at) * 100)
  expect(found.at(-1)).toBeLessThan(60)
})

it('gives a quiet source ten of its usual gaps', () => {
  // One record every five minutes, until minute 200.
  const found = watched(300, (at) => 1 + Math.floor(Math.min(at, 200) / 5))
  expect(found[0]).toBeGreaterThan(250)
})

it('one long night does not make a steady source silent-proof', () => {
  const records = (at: number) => 1 + (at < 60 ? at : at < 500 ? 60 : Math.min(at - 440, 160)) * 100
  const found = watched(640, records)
  expect(found.some((at) => at < 500)).toBe(true)
  expect(found.some((at) => at > 610)).toBe(true)
})

it.each([
  ['that never gave anything', (_at: number) => 0, false],
  ['that gave too little to know its pace', (at: number) => Math.min(at * 6, 15), false],
  ['that has ended', (at: number) => 1 + Math.min(at, 40) * 100, true],
])('says nothing of a source %s', (_what, records, isOver) => {
  expect(watched(120, records, isOver)).toEqual([])
})
