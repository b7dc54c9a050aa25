import { expect, it } from 'vitest'
import { Recency, shardCount } from './recency.ts'

function recencyOf(sealed: readonly number[], entitiesMax: number, hash: (key: string) => number): Recency {
  const recency = new Recency(entitiesMax, hash, {
    keyOf: (entity) => `e${entity}`,
    sealedOf: (entity) => sealed[entity] ?? 0,
  })
  recency.reserve(sealed.length)
  for (let entity = 0; entity < sealed.length; entity++) recency.touch(entity)
  return recency
}

it('names the stalest first, and of equally stale ones those with the smallest hashes', () => {
  const hashes: Record<string, number> = { e0: 128, e1: 64, e2: 192, e3: 0 }
  const recency = recencyOf([1, 1, 2, 3], shardCount, (key) => hashes[key] ?? 0)
  expect(recency.overflow()).toEqual([1, 0, 2])
})

it('counts one that was touched again as the freshest, and one that is forgotten not at all', () => {
  const recency = recencyOf([5, 1, 2], shardCount, () => 0)
  recency.touch(0)
  recency.forget(1)
  expect(recency.overflow()).toEqual([2])
})

it('takes a flood into one shard', () => {
  const recency = recencyOf(new Array(200_000).fill(1), shardCount, () => 0)
  expect(recency.overflow()).toHaveLength(199_999)
})
