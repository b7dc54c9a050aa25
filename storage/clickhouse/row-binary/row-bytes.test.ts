import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RowBytes } from './row-bytes.ts'

function written(write: (out: RowBytes) => void): number[] {
  const out = new RowBytes()
  write(out)
  return [...out.take()]
}

const utf8 = (text: string) => [...Buffer.from(text, 'utf8')]

describe('RowBytes', () => {
  it('writes numbers little-endian', () => {
    expect(written((out) => out.uint8(255))).toEqual([255])
    expect(written((out) => out.uint32(0x01020304))).toEqual([4, 3, 2, 1])
    expect(written((out) => out.float64(1))).toEqual([0, 0, 0, 0, 0, 0, 0xf0, 0x3f])
  })

  it.each([0, 1, 255, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53])(
    'writes %d as UInt64',
    (value) => {
      const expected = Buffer.alloc(8)
      expected.writeBigUInt64LE(BigInt(value))
      expect(written((out) => out.uint64(value))).toEqual([...expected])
    },
  )

  it('writes what is null, and what no column holds, as one byte', () => {
    for (const value of [undefined, null, Number.NaN, Number.POSITIVE_INFINITY, '5', {}]) {
      expect(written((out) => out.nullableNumber(value))).toEqual([1])
      expect(written((out) => out.nullableInstant(value))).toEqual([1])
      expect(written((out) => out.nullableBoolean(value))).toEqual([1])
    }
    expect(written((out) => out.nullableInstant(-1))).toEqual([1])
    expect(written((out) => out.nullableInstant(9e15))).toEqual([1])
    expect(written((out) => out.nullableBoolean(false))).toEqual([0, 0])
    expect(written((out) => out.nullableBoolean(true))).toEqual([0, 1])
  })

  it('writes instants as milliseconds, and moves those that partition to the edge of what a partition can be', () => {
    const at = Date.UTC(2026, 0, 5, 9)
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(BigInt(at))
    expect(written((out) => out.nullableInstant(at + 0.75))).toEqual([0, ...bytes])
    expect(written((out) => out.instant(at + 0.75))).toEqual([...bytes])
    expect(written((out) => out.instant(-5))).toEqual(new Array(8).fill(0))
    expect(written((out) => out.instant(Number.NaN))).toEqual(new Array(8).fill(0))
    bytes.writeBigInt64LE(4_133_980_799_999n)
    expect(written((out) => out.instant(9e15))).toEqual([...bytes])
  })

  it('no minus zero, which ClickHouse tells from zero', () => {
    expect(written((out) => out.nullableNumber(-0))).toEqual(new Array(9).fill(0))
  })

  it('writes any text as its UTF-8 with the length before it, whatever its length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const bytes = utf8(text)
        const length =
          bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, Math.floor(bytes.length / 128)]
        expect(written((out) => out.text(text))).toEqual([...length, ...bytes])
      }),
    )
    for (const length of [63, 64, 127, 128]) {
      const text = 'a'.repeat(length)
      expect(written((out) => out.text(text)).slice(length < 128 ? 1 : 2)).toEqual(utf8(text))
    }
  })

  it('replaces lone surrogates, also where a pair is cut', () => {
    expect(written((out) => out.text('a\ud800b'))).toEqual([5, ...utf8('a\ufffdb')])
    const long = `${'x'.repeat(8191)}😀`
    expect(written((out) => out.text(long)).slice(2)).toEqual(utf8(`${'x'.repeat(8191)}\ufffd`))
  })

  it('writes as empty what is no text or no list, and as many of a long list as a column takes', () => {
    for (const value of [undefined, null, 5, {}, ['a']])
      expect(written((out) => out.text(value))).toEqual([0])
    for (const value of [undefined, 'a', { length: 3 }]) {
      expect(written((out) => out.texts(value))).toEqual([0])
    }
    expect(written((out) => out.texts(['a', 5, 'é']))).toEqual([3, 1, 97, 0, 2, 0xc3, 0xa9])
    expect(written((out) => out.texts(new Array(300).fill('')))).toEqual([0x80, 2, ...new Array(256).fill(0)])
  })

  it('grows, takes back, and begins anew', () => {
    const out = new RowBytes()
    const text = 'é'.repeat(4000)
    for (let row = 0; row < 2000; row++) out.text(text)
    expect(out.length).toBe(2000 * (2 + 8000))
    out.truncate(8002)
    expect([...out.take()].slice(2)).toEqual(utf8(text))
    expect(out.length).toBe(0)
    out.uint8(7)
    expect([...out.take()]).toEqual([7])
  })
})
