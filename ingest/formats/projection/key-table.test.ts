import { expect, it } from 'vitest'
import { KeyTable } from './key-table.ts'
import { LineBytes } from './line-bytes.ts'

const start = 0
const stray = 1

function tableOf(known: readonly string[] = []) {
  const table = new KeyTable((key) => (known.includes(key) ? { takes: [{ place: 3 }] } : undefined), 16)
  const line = new LineBytes()
  return {
    table,
    read(member: string): number {
      const bytes = Buffer.from(`${member}\n`)
      line.open(bytes, 0, bytes.length - 1)
      return table.read(line, start, line.start)
    },
  }
}

it('numbers keys as it meets them, and knows them again', () => {
  const { read } = tableOf(['status'])
  const numbers = ['"status":200', '"other":1', '"status":"200"', '"other" : 1', '"ünï":1'].map(read)
  expect(numbers).toEqual([2, 3, 2, 3, 4])
})

it('remembers no key that is longer than any that means something', () => {
  const { table, read } = tableOf(['k'.repeat(300)])
  expect(read(`"${'x'.repeat(256)}":1`)).toBe(2)
  for (const letter of ['x', 'y', 'z']) expect(read(`"${letter.repeat(257)}":1`)).toBe(stray)
  expect(read(`"${'k'.repeat(300)}":1`), 'it has a meaning: the line is parsed whole').toBeLessThan(0)
  expect(table.uses).toHaveLength(3)
  expect(table.isFull).toBe(false)
})
