import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { duration } from '../../config/schema/values.ts'
import { durationMs, formatDuration, isDuration } from './duration.ts'

describe('durations', () => {
  it.each([
    ['0s', 0, '0ms'],
    ['1500ms', 1500, '1500ms'],
    ['90s', 90_000, '90s'],
    ['60s', 60_000, '1m'],
    ['24h', 86_400_000, '1d'],
    ['1d', 86_400_000, '1d'],
    ['36h', 129_600_000, '36h'],
    ['7d', 604_800_000, '7d'],
  ] as const)('%s is %d ms, written %s', (text, ms, written) => {
    expect([durationMs(text), formatDuration(ms)]).toEqual([ms, written])
  })

  it('reads back what it writes, in a configuration too', () => {
    const unit = fc.constantFrom(1, 1000, 60_000, 3_600_000, 86_400_000)
    fc.assert(
      fc.property(fc.nat(999_999_999), unit, (count, size) => {
        const written = formatDuration(count * size)
        expect(isDuration(written)).toBe(true)
        expect(durationMs(duration.parse(written))).toBe(count * size)
      }),
    )
  })

  it.each(['', '15', 's', '-1s', '1.5h', '1 h', '1w', '1234567890s', '1h '])('refuses %j', (text) => {
    expect(isDuration(text)).toBe(false)
    expect(() => durationMs(text)).toThrow(/such as 15s, 10m or 24h/)
  })
})
