import fc from 'fast-check'
import { expect, it } from 'vitest'
import { publicHash } from '../hash/keyed-hash.ts'
import { CellArena } from './cell-arena.ts'
import { Keys } from './keys.ts'
import { table } from './table.ts'

const columns = { sum: 'sum', low: 'min', high: 'max', first: 'first', last: 'last' } as const
const shape = { rows: table(64, columns) }

interface Added {
  readonly key: string
  readonly value: number
  readonly time: number
}

/** What fits into 32 bits, what just does not, and what stands for absent in them. */
const value = fc.oneof(
  fc.constantFrom(0, 1, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32, 2 ** 40),
  fc.integer({ min: -1000, max: 1000 }),
)
const added: fc.Arbitrary<Added> = fc.record({
  key: fc.integer({ min: 0, max: 40 }).map((key) => `key ${key}`),
  value,
  time: fc.integer({ min: 0, max: 1e13 }),
})

function filled(list: readonly Added[], keys?: Keys): CellArena<typeof shape> {
  const arena = new CellArena(shape, publicHash, keys)
  const { place, cells } = arena.view(arena.open())
  for (const { key, value, time } of list) {
    place.time = time
    cells.rows.add(key, { sum: value, low: value, high: value })
  }
  return arena
}

function expected(list: readonly Added[]): Map<string, object> {
  const rows = new Map<string, object>()
  for (const { key } of list) {
    const own = list.filter((one) => one.key === key)
    const values = own.map((one) => one.value)
    const times = own.map((one) => one.time)
    rows.set(key, {
      key,
      sum: values.reduce((sum, one) => sum + one, 0),
      low: Math.min(...values) + 0,
      high: Math.max(...values) + 0,
      first: Math.min(...times),
      last: Math.max(...times),
    })
  }
  return rows
}

it('keeps values of any size, also where cells of narrow and wide ones are merged', () => {
  const lists = fc.array(fc.array(added, { maxLength: 60 }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(lists, fc.boolean(), (parts, isShared) => {
      const keys = isShared ? new Keys(publicHash) : undefined
      const merged = filled([], keys)
      for (const part of parts) merged.merge(0, filled(part, keys), 0)
      const rows = merged.view(0).cells.rows.rows()
      expect(new Map(rows.map((row) => [row.key, row]))).toEqual(expected(parts.flat()))
      const hashes = rows.map(({ key }) => publicHash(key))
      expect(hashes).toEqual([...hashes].sort((left, right) => left - right))
    }),
  )
})

it('leaves columns out that have no value', () => {
  const arena = filled([])
  arena.view(0).cells.rows.add('a', { low: 3 })
  expect(Object.keys(arena.view(0).cells.rows.row('a') ?? {})).toEqual(['key', 'low', 'first', 'last'])
})

it('forgets a key when the last row that has it goes, not before', () => {
  const keys = new Keys(publicHash)
  const one = filled([{ key: 'a', value: 1, time: 1 }], keys)
  const two = filled([{ key: 'a', value: 1, time: 1 }], keys)
  const number = keys.numberOf('a')
  one.release(0)
  expect(keys.texts[number]).toBe('a')
  two.release(0)
  expect(keys.texts[number]).toBe('')
  expect(two.view(0).cells.rows.row('b')).toBeUndefined()
  expect(keys.texts.every((text) => text === '')).toBe(true)
})

it('orders keys of one hash by their text, whatever the order in which they came', () => {
  const keysOf = (list: readonly string[]) => {
    const arena = new CellArena(shape, () => 7)
    const { cells } = arena.view(arena.open())
    for (const key of list) cells.rows.add(key)
    return cells.rows.rows().map(({ key }) => key)
  }
  const texts = [...'abcdefghijklmnopqrstuvwxyz']
  expect(keysOf([...texts].reverse())).toEqual(texts)
  expect(keysOf(texts)).toEqual(texts)
})

it('shows the same rows column by column as one by one', () => {
  fc.assert(
    fc.property(fc.array(added, { maxLength: 120 }), (list) => {
      const { cells } = filled(list).view(0)
      const view = cells.rows.view()
      const names = Object.keys(columns) as (keyof typeof columns)[]
      const shown = Array.from({ length: view.count }, (_, place) => {
        const values = names.map((name) => [name, view.column(name)[place] as number] as const)
        const given = values.filter(([, value]) => !Number.isNaN(value))
        return { key: view.key(place), ...Object.fromEntries(given) }
      })
      expect(shown).toEqual(cells.rows.rows())
    }),
  )
})

it('remembers what was made of a key as long as a row has it, and nothing of the key that had its number before', () => {
  const arena = new CellArena(shape, publicHash)
  const slot = arena.open()
  const { cells } = arena.view(slot)
  const made: string[] = []
  const make = (key: string) => {
    made.push(key)
    return `of ${key}`
  }
  cells.rows.add('one')
  expect([cells.rows.view().made(0, make), cells.rows.view().made(0, make)]).toEqual(['of one', 'of one'])
  arena.clear(slot)
  cells.rows.add('two')
  expect(cells.rows.view().made(0, make)).toBe('of two')
  expect(made).toEqual(['one', 'two'])
})
