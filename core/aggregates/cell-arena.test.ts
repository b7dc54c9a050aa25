import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { publicHash } from '../hash/keyed-hash.ts'
import type { Cells } from './aggregate.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { CellArena } from './cell-arena.ts'
import { counter } from './counter.ts'
import { distinct } from './distinct.ts'
import { histogram } from './histogram.ts'
import { table } from './table.ts'

const shape = {
  hits: counter(),
  names: distinct(4),
  sizes: histogram(),
  rows: table(3, { hits: 'sum', low: 'min', high: 'max', marks: 'bits', first: 'first', last: 'last' }),
  all: table(64, { hits: 'sum' }),
}
type Arena = CellArena<typeof shape>

interface Added {
  readonly key: string
  readonly value: number
  readonly time: number
}

const added: fc.Arbitrary<Added> = fc.record({
  key: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'),
  value: fc.integer({ min: -5, max: 1000 }),
  time: fc.integer({ min: 1, max: 1e6 }),
})

function fill(arena: Arena, slot: number, list: readonly Added[]): void {
  const { place, cells } = arena.view(slot)
  for (const { key, value, time } of list) {
    place.time = time
    cells.hits.add()
    cells.names.add(key)
    cells.sizes.add(value)
    cells.rows.add(key, { hits: 1, low: value, high: value, marks: value & 7 })
    cells.all.add(key, { hits: 1 })
  }
}

function bytesOf(arena: Arena, slot: number): string {
  const out = new ByteWriter()
  arena.encode(slot, out)
  return Buffer.from(out.finish()).toString('hex')
}

function opened(list: readonly Added[], arena: Arena = new CellArena(shape, publicHash)): [Arena, number] {
  const slot = arena.open()
  fill(arena, slot, list)
  return [arena, slot]
}

describe('cells', () => {
  it('are a function of the set of what was added, however it is split, merged and stored', () => {
    fc.assert(
      fc.property(fc.array(fc.array(added, { maxLength: 40 }), { minLength: 1, maxLength: 5 }), (parts) => {
        const [whole, slot] = opened(parts.flat())
        const merged = new CellArena(shape, publicHash)
        const into = merged.open()
        for (const part of [...parts].reverse()) {
          const [arena, from] = opened([...part].reverse())
          const copy = new CellArena(shape, publicHash)
          const out = new ByteWriter()
          arena.encode(from, out)
          copy.decode(copy.open(), new ByteReader(out.finish()))
          merged.merge(into, copy, 0)
        }
        expect(bytesOf(merged, into)).toBe(bytesOf(whole, slot))
      }),
    )
  })

  it('count exactly what a map counts while nothing is left out', () => {
    fc.assert(
      fc.property(fc.array(added, { maxLength: 80 }), (list) => {
        const [arena, slot] = opened(list)
        const { cells }: { cells: Cells<typeof shape> } = arena.view(slot)
        const counts = new Map<string, number>()
        for (const { key } of list) counts.set(key, (counts.get(key) ?? 0) + 1)
        expect(cells.hits.value).toBe(list.length)
        expect(cells.sizes.count).toBe(list.length)
        expect(cells.all.distinct).toBe(counts.size)
        expect(new Map(cells.all.rows().map((row) => [row.key, row.hits]))).toEqual(counts)
        for (const [key, hits] of counts) expect(cells.all.row(key)).toEqual({ key, hits })
        expect(cells.rows.complete).toBe(counts.size <= 3)
        expect(cells.rows.rows().length).toBe(Math.min(3, counts.size))
      }),
    )
  })

  it('join each column as it says, and take the time of the event', () => {
    const [arena, slot] = opened([
      { key: 'a', value: 5, time: 30 },
      { key: 'a', value: 2, time: 10 },
      { key: 'a', value: 8, time: 20 },
    ])
    expect(arena.view(slot).cells.rows.rows()).toEqual([
      { key: 'a', hits: 3, low: 2, high: 8, marks: (5 & 7) | 2 | (8 & 7), first: 10, last: 30 },
    ])
  })

  it('of a slot that is used again hold nothing of what was there before', () => {
    fc.assert(
      fc.property(fc.array(fc.array(added, { maxLength: 60 }), { minLength: 2, maxLength: 6 }), (lists) => {
        const arena: Arena = new CellArena(shape, publicHash)
        const [, kept] = opened(lists[0] ?? [], arena)
        const before = bytesOf(arena, kept)
        for (const list of lists.slice(1)) {
          const [, slot] = opened(list, arena)
          const [fresh, alone] = opened(list)
          expect(bytesOf(arena, slot)).toBe(bytesOf(fresh, alone))
          arena.release(slot)
        }
        expect(bytesOf(arena, kept)).toBe(before)
        expect(arena.slots).toBeLessThanOrEqual(2)
      }),
    )
  })

  it('never are larger merged than their sizes together', () => {
    fc.assert(
      fc.property(fc.array(added, { maxLength: 40 }), fc.array(added, { maxLength: 40 }), (left, right) => {
        const arena: Arena = new CellArena(shape, publicHash)
        const [, one] = opened(left, arena)
        const [, two] = opened(right, arena)
        const all = arena.names.indexOf('all')
        const most = arena.size(all, one) + arena.size(all, two)
        arena.merge(one, arena, two)
        expect(arena.view(one).cells.all.distinct).toBeLessThanOrEqual(most)
      }),
    )
  })

  it('estimate many different texts within some percent', () => {
    const arena = new CellArena({ names: distinct(64) }, publicHash)
    const { cells } = arena.view(arena.open())
    for (let index = 0; index < 20_000; index++) cells.names.add(`name-${index}`)
    expect(cells.names.exact).toBe(false)
    expect(Math.abs(cells.names.value - 20_000) / 20_000).toBeLessThan(0.1)
  })

  it('refuses a record that ends too early', () => {
    const [arena, slot] = opened([{ key: 'a', value: 1, time: 1 }])
    const out = new ByteWriter()
    arena.encode(slot, out)
    const bytes = out.finish()
    for (let length = 0; length < bytes.length; length++) {
      const copy: Arena = new CellArena(shape, publicHash)
      expect(() => copy.decode(copy.open(), new ByteReader(bytes.subarray(0, length)))).toThrow(RangeError)
    }
  })
})
