import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recordBytes } from '../../../core/ports/source.ts'
import { LineSplitter } from './line-splitter.ts'
import { recordBytesMax, truncatedBytes } from './record-limits.ts'

interface Line {
  readonly text: string
  readonly offset: number
  readonly truncated: boolean
}

/** Cuts `bytes` at the given places, as a reader would hand them over, reusing one buffer for all chunks. */
function split(bytes: Buffer, cuts: readonly number[] = []): Line[] {
  const splitter = new LineSplitter(0)
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])]
  places.sort((left, right) => left - right)
  const reused = Buffer.alloc(bytes.length)
  const lines: Line[] = []
  const add = (records: ReturnType<LineSplitter['push']>) => {
    for (const record of records) {
      const { offset, truncated = false } = record
      lines.push({ text: Buffer.from(recordBytes(record)).toString('latin1'), offset, truncated })
    }
  }
  for (const [index, from] of places.slice(0, -1).entries()) {
    const length = bytes.copy(reused, 0, from, places[index + 1])
    add(splitter.push(reused.subarray(0, length)))
    reused.fill(0x78)
  }
  add(splitter.end())
  expect(splitter.next).toBe(bytes.length)
  return lines
}

describe('LineSplitter', () => {
  test('drops LF, CRLF, empty lines and the byte order mark, and keeps the last line', () => {
    const bytes = Buffer.from('\uFEFFone\r\ntwo\n\n\r\nth\rree')
    expect(split(bytes)).toEqual([
      { text: 'one', offset: 0, truncated: false },
      { text: 'two', offset: 8, truncated: false },
      { text: 'th\rree', offset: 15, truncated: false },
    ])
  })

  test('a byte order mark anywhere else is data', () => {
    expect(split(Buffer.from('a\n\uFEFFb\n'))[1]?.text).toBe(Buffer.from('\uFEFFb').toString('latin1'))
  })

  test('the limit itself still passes, one byte more is truncated', () => {
    const bytes = Buffer.from(`${'a'.repeat(recordBytesMax)}\n${'b'.repeat(recordBytesMax + 1)}\nnext\n`)
    const lines = split(bytes).map(({ text, offset, truncated }) => [text.length, offset, truncated])
    expect(lines).toEqual([
      [recordBytesMax, 0, false],
      [truncatedBytes, recordBytesMax + 1, true],
      [4, 2 * recordBytesMax + 3, false],
    ])
  })

  test('chunks make no difference', () => {
    const piece = fc.oneof(
      fc.constantFrom('\n', '\r\n', '\r', '\uFEFF', 'x'),
      fc.string({ maxLength: 20 }),
      fc.integer({ min: recordBytesMax - 2, max: recordBytesMax + 2 }).map((length) => 'y'.repeat(length)),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(200_000)), (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(''))
        expect(split(bytes, cuts)).toEqual(split(bytes))
      }),
      { numRuns: 200 },
    )
  })

  test('resuming at any line start gives exactly the rest', () => {
    const bytes = Buffer.from('alpha\r\n\nbeta\ngamma')
    for (const { offset } of split(bytes)) {
      const resumed = new LineSplitter(offset)
      const rest = [...resumed.push(bytes.subarray(offset)), ...resumed.end()]
      expect(rest.map((record) => record.offset)).toEqual(
        split(bytes)
          .map((line) => line.offset)
          .filter((start) => start >= offset),
      )
    }
  })
})
