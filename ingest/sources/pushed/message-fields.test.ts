import { Buffer } from 'node:buffer'
import { expect, it } from 'vitest'
import { eachField, holdsMoreThan, type MessageShape } from './message-fields.ts'

function fieldsOf(...bytes: readonly number[]): string[] {
  const found: string[] = []
  const buffer = Buffer.from(bytes)
  eachField(buffer, { start: 0, end: buffer.length }, (field, { start, end }) => {
    found.push(`${field} ${start}-${end}`)
  })
  return found
}

it('finds what has a length, among fields of all kinds', () => {
  const number = [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
  const fixed = [0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x1d, 1, 2, 3, 4]
  expect(fieldsOf(...number, 0x12, 2, 7, 7, ...fixed, 0xfa, 0x01, 0)).toEqual(['2 13-15', '31 32-32'])
})

it.each([
  ['a text that is cut off', [0x12, 3, 1, 2]],
  ['a number that is cut off', [0x08, 0x80]],
  ['eight bytes that are cut off', [0x11, 1, 2]],
  ['a kind that does not exist', [0x0f]],
  ['a field beyond what decoders take of a number', [0x8a, 0x80, 0x80, 0x80, 0x10, 0]],
  ['a number without end', [0x12, ...Array<number>(400).fill(0x80), 0]],
])('%s is no message', (_name, bytes) => {
  expect(() => fieldsOf(...bytes)).toThrow()
})

it('counts messages in messages up to a bound, and none deeper than means anything', () => {
  const tree = new Map<number, MessageShape>()
  tree.set(1, tree)
  const holds = (max: number, bytes: readonly number[]) =>
    holdsMoreThan(max, Buffer.from(bytes), { start: 0, end: bytes.length }, tree)
  const three = [0x0a, 4, 0x0a, 0, 0x12, 0, 0x0a, 0]
  expect([holds(3, three), holds(2, three)]).toEqual([false, true])
  const nested = (depth: number): Buffer => {
    let inner = Buffer.alloc(0)
    for (let level = 0; level < depth; level++) {
      const length = inner.length < 128 ? [inner.length] : [(inner.length & 0x7f) | 0x80, inner.length >> 7]
      inner = Buffer.concat([Buffer.from([0x0a, ...length]), inner])
    }
    return inner
  }
  expect([60, 70].map((depth) => holds(1000, [...nested(depth)]))).toEqual([false, true])
})
