import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Watermarks } from './watermarks.ts'

function opened(...partitions: string[]): Watermarks {
  const watermarks = new Watermarks()
  for (const partition of partitions) watermarks.opened(partition, 10)
  return watermarks
}

describe('Watermarks', () => {
  test('is the minimum of the greatest times less the lateness', () => {
    const watermarks = opened('a', 'b')
    watermarks.observe('a', 500)
    expect(watermarks.value()).toBe(Number.NEGATIVE_INFINITY)
    watermarks.observe('b', 200)
    watermarks.observe('b', 100)
    expect(watermarks.value()).toBe(190)
    watermarks.observe('b', 900)
    expect(watermarks.value()).toBe(490)
  })

  test('leaves out idle partitions until they give an event again, and never goes back', () => {
    const watermarks = opened('a', 'b')
    watermarks.observe('a', 500)
    watermarks.idle('b')
    expect([watermarks.value(), watermarks.active]).toEqual([490, ['a']])
    watermarks.observe('b', 100)
    watermarks.observe('a', 800)
    expect([watermarks.value(), watermarks.active]).toEqual([490, ['a', 'b']])
  })

  test('stays while all are idle, and moves by the clock only when told', () => {
    const watermarks = opened('a')
    watermarks.observe('a', 500)
    watermarks.value()
    watermarks.idle('a')
    expect(watermarks.value()).toBe(490)
    watermarks.advanceTo(700)
    watermarks.advanceTo(600)
    expect(watermarks.value()).toBe(700)
  })

  test('is +Infinity while all have ended, and finite again when one opens', () => {
    const watermarks = opened('a', 'b')
    watermarks.observe('a', 500)
    watermarks.ended('a')
    watermarks.idle('b')
    expect(watermarks.value()).toBe(Number.NEGATIVE_INFINITY)
    watermarks.ended('b')
    expect(watermarks.value()).toBe(Number.POSITIVE_INFINITY)
    watermarks.opened('c', 10)
    watermarks.observe('c', 300)
    expect(watermarks.value()).toBe(290)
  })

  test('without partitions there is no end', () => {
    expect(new Watermarks().value()).toBe(Number.NEGATIVE_INFINITY)
  })

  test('an event of a partition that was not opened is an error', () => {
    expect(() => opened('a').observe('b', 1)).toThrow("partition 'b' gave an event before it was opened")
  })

  test('a restart holds a known partition back from where it was, and forgets one that does not come back', () => {
    const before = opened('a', 'removed', 'done')
    before.observe('a', 500)
    before.observe('removed', 100)
    before.ended('done')
    expect(before.value()).toBe(90)
    const after = new Watermarks()
    after.restore(before.snapshot())
    expect(after.value()).toBe(90)
    after.opened('a', 10)
    expect(after.value()).toBe(490)
    expect(after.snapshot()).not.toContain('done')
    after.ended('a')
    expect(after.value()).toBe(Number.POSITIVE_INFINITY)
    expect(() => after.restore('{}')).toThrow(RangeError)
  })

  test('no sequence of calls moves it back', () => {
    const step = fc.tuple(
      fc.constantFrom('opened', 'observe', 'idle', 'ended', 'advanceTo', 'restart'),
      fc.constantFrom('a', 'b', 'c'),
      fc.nat(1000),
    )
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let watermarks = opened('a', 'b', 'c')
        let least = Number.NEGATIVE_INFINITY
        for (const [what, partition, time] of steps) {
          if (what === 'opened') watermarks.opened(partition, 10)
          else if (what === 'observe' && watermarks.active.includes(partition))
            watermarks.observe(partition, time)
          else if (what === 'idle' || what === 'ended') watermarks[what](partition)
          else if (what === 'advanceTo') watermarks.advanceTo(time)
          else if (what === 'restart') {
            const restarted = new Watermarks()
            restarted.restore(watermarks.snapshot())
            watermarks = restarted
          }
          const value = watermarks.value()
          expect(value).toBeGreaterThanOrEqual(least)
          if (value !== Number.POSITIVE_INFINITY) least = value
        }
      }),
    )
  })
})
