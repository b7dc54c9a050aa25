import { expect, it } from 'vitest'
import { lineBytesMax } from '../limits.ts'
import { LineBytes } from './line-bytes.ts'

function textOf({ bytes, start, end }: LineBytes): string {
  return bytes.toString('latin1', start, end)
}

it('shows the line, with a control character behind it and room to look further', () => {
  const line = new LineBytes()
  const whole = Buffer.from('one\ntwo\r\nthree and no end')
  const own = Buffer.from(new Uint8Array([1, 2, 0x61, 0x62]).buffer)
  const largest = Buffer.alloc(lineBytesMax, 'y')
  for (const [bytes, start, end] of [
    [whole, 0, 3],
    [whole, 4, 7],
    [whole, 9, 14],
    [whole, 9, whole.length],
    [own, 2, 4],
    [own.subarray(2), 0, 2],
    [largest, 0, lineBytesMax],
    [new Uint8Array(0), 0, 0],
  ] as const) {
    line.open(bytes, start, end)
    expect(textOf(line)).toBe(Buffer.from(bytes.subarray(start, end)).toString('latin1'))
    expect(line.bytes[line.end]).toBeLessThan(0x20)
    expect(line.end + 8).toBeLessThan(line.view.byteLength)
    expect(line.view.getUint8(line.end)).toBe(line.bytes[line.end])
  }
})

it('shows what a buffer holds now, not what it held at the line before', () => {
  const line = new LineBytes()
  const bytes = Buffer.from('first\nxxxxxxxxxxxxxxxxxxxxxxxxxxxx')
  line.open(bytes, 0, 5)
  bytes.write('again\n')
  line.open(bytes, 0, 5)
  expect(textOf(line)).toBe('again')
  bytes.write('third', bytes.length - 5)
  line.open(bytes, bytes.length - 5, bytes.length)
  bytes.write('forth', bytes.length - 5)
  line.open(bytes, bytes.length - 5, bytes.length)
  expect(textOf(line)).toBe('forth')
})
