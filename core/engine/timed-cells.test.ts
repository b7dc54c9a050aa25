import { expect, it } from 'vitest'
import { counter } from '../aggregates/counter.ts'
import { publicHash } from '../hash/keyed-hash.ts'
import { TimedCells } from './timed-cells.ts'

function cells() {
  const made = new TimedCells({ hits: counter() }, publicHash, { keepsTimes: true, keeping: 'nothing' })
  made.reserve(10)
  return made
}

it('keeps an entity’s slots newest first, whatever the order in which they were opened', () => {
  const own = cells()
  for (const index of [5, 7, 6]) own.open(1, index)
  const indices: (number | undefined)[] = []
  for (let slot = own.newest(1); slot >= 0; slot = own.older(slot)) indices.push(own.indexOf(slot))
  expect(indices).toEqual([7, 6, 5])
  expect(own.indexOf(own.find(1, 6))).toBe(6)
  expect(own.find(1, 4)).toBe(-1)
})

it('does not grow with slots that come and go within one index', () => {
  const own = cells()
  const kept = own.open(2, 3)
  for (let round = 0; round < 10_000; round++) own.remove(own.open(1, 3))
  expect(own.slotsOf(3).length).toBeLessThan(300)
  expect(own.slotsOf(3).filter((slot) => own.isHeld(slot, 3))).toEqual([kept])
  expect(own.arena.slots).toBe(2)
})

it('gives every slot up to an index back, once', () => {
  const own = cells()
  for (const [entity, index] of [
    [1, 1],
    [2, 1],
    [1, 2],
    [1, 3],
  ] as const)
    own.open(entity, index)
  const removed: (number | undefined)[] = []
  const steps = own.expiring(2, (slot) => {
    removed.push(own.indexOf(slot))
    own.remove(slot)
  })
  while (!steps.next().done);
  expect(removed).toEqual([1, 1, 2])
  expect(own.newest(2)).toBe(-1)
  expect(own.indices(0, 10)).toEqual([3])
})

it('lists a slot once that was given back and opened again while state was restored', () => {
  const own = cells()
  for (let version = 0; version < 3; version++) {
    const known = own.find(1, 5)
    if (known >= 0) own.remove(known)
    own.open(1, 5)
  }
  own.restored()
  expect(own.slotsOf(5)).toEqual([own.find(1, 5)])
})
