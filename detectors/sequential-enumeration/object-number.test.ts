import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { objectNumbers } from './object-number.ts'

/** Series and value of each reading, as short text. */
function readings(id: string): string[] {
  return objectNumbers(id).map(
    ({ series, value, partial }) => `${series} ${value}${partial ? ' partial' : ''}`,
  )
}

describe('an id read as a number', () => {
  it.each([
    ['7', ['# 7']],
    ['007', ['# 7']],
    ['INV-000123', ['INV-# 123']],
    ['INV-2024-000123', ['INV-#-000123 2024', 'INV-2024-# 123']],
    ['000123-2024', ['#-2024 123', '000123-# 2024']],
    ['1541815603606036480', ['1541# 815603606036480']],
    ['2026-03-09', []],
    ['alice', []],
    ['', []],
    ['507f1f77bcf86cd7993a0010', ['hex 507f1f77bcf86cd7 2570715152']],
    [
      '6BA7B810-9dad-11d1-80b4-00c04fd430c8',
      ['uuid-v1 80b4-00c04fd430c8 1d1 173368161056784', 'uuid 6ba7b810-9dad-11d1-80b4- 825973027016'],
    ],
    [
      '1ec9414c-232a-6b00-b3c8-9e6bdeced846',
      ['uuid-v6 b3c8-9e6bdeced846 1ec 162816878357248', 'uuid 1ec9414c-232a-6b00-b3c8- 174186136787014'],
    ],
    [
      '017f22e2-79b0-7cc3-98c4-dc0c0c07398f',
      ['uuid-v7 1645557742000 partial', 'uuid 017f22e2-79b0-7cc3-98c4- 241944299518351'],
    ],
    ['01ARZ3NDEKTSV4RRFFQ69G5FAV', ['ulid 1469922850259 partial', 'ulid 01arz3ndektsv4rr 545055291129179']],
  ])('%s', (id, expected) => {
    expect(readings(id)).toEqual(expected)
  })

  it('orders numbers of any length as they are, within one series', () => {
    const number = fc.bigInt({ min: 0n, max: 10n ** 25n })
    fc.assert(
      fc.property(number, fc.integer({ min: 0, max: 1_000_000 }), (low, step) => {
        const [left, right] = [objectNumbers(String(low))[0], objectNumbers(String(low + BigInt(step)))[0]]
        if (left?.series !== right?.series) return
        expect((right?.value ?? 0) - (left?.value ?? 0)).toBe(step)
      }),
    )
  })

  it('takes anything, in bounded numbers', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (id) => {
        const numbers = objectNumbers(id)
        expect(numbers.length).toBeLessThanOrEqual(2)
        for (const { value } of numbers) expect(Number.isSafeInteger(value)).toBe(true)
      }),
    )
  })

  it('random UUIDs share no series', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.uuid({ version: 4 }), { minLength: 2, maxLength: 50 }), (ids) => {
        const series = ids.flatMap((id) => objectNumbers(id).map((number) => number.series))
        expect(new Set(series).size).toBe(series.length)
      }),
    )
  })
})
