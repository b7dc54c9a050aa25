import { expect, it } from 'vitest'
import { Recency, shardCount } from './recency.ts'

function recencyOf(
  sealed: readonly number[],
  entitiesMax: number,
  hashOf: (entity: number) => number,
): Recency {
  const recency = new Recency(entitiesMax, {
    hashOf,
    keyOf: (entity) => `e${entity}`,
    sealedOf: (entity) => sealed[entity] ?? 0,
  })
  recency.reserve(sealed.length)
  for (let entity = 0; entity < sealed.length; entity++) recency.touch(entity)
  return recency
}

it('names the stalest first, and of equally stale ones those with the smallest hashes', () => {
  const hashes = [128, 64, 192, 0]
  const recency = recencyOf([1, 1, 2, 3], shardCount, (entity) => hashes[entity] ?? 0)
  expect(recency.overflow()).toEqual([1, 0, 2])
})

it('goes by the key where hashes are the same, not by who came first', () => {
  const recency = recencyOf([1, 1, 1], shardCount * 2, () => 64)
  recency.forget(0)
  recency.touch(0)
  expect(recency.overflow()).toEqual([0])
})

it('counts one that was touched again as the freshest, and one that is forgotten not at all', () => {
  const recency = recencyOf([5, 1, 2], shardCount, () => 0)
  recency.touch(0)
  recency.forget(1)
  expect(recency.overflow()).toEqual([2])
})

it('touches many stalest first, whatever their order', () => {
  const recency = recencyOf([7, 5, 9, 5], shardCount, () => 0)
  for (const entity of [0, 1, 2, 3]) recency.forget(entity)
  recency.touchAll([2, 3, 0, 1])
  expect(recency.overflow()).toEqual([1, 3, 0])
})

it('takes a flood into one shard', () => {
  const recency = recencyOf(new Array(200_000).fill(1), shardCount, () => 0)
  expect(recency.overflow()).toHaveLength(199_999)
})
