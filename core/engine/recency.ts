import { grown } from '../aggregates/grown.ts'

/** Entities are bounded by hash shard, so that a flood of keys evicts from all shards evenly and by its own size. */
export const shardCount = 64

/** What the order of eviction depends on. */
export interface Ranked {
  /** Keyed hash, 32 bits. */
  hashOf(entity: number): number
  keyOf(entity: number): string
  /** Index of the newest sealed pane. */
  sealedOf(entity: number): number
}

/** Entities with sealed state, by shard, linked stalest first. */
export class Recency {
  readonly #heads = new Int32Array(shardCount)
  readonly #tails = new Int32Array(shardCount)
  readonly #counts = new Int32Array(shardCount)
  /** Neighbours plus one, and the shard plus one of those that are in a list. */
  #before = new Int32Array(0)
  #after = new Int32Array(0)
  #shards = new Uint8Array(0)
  readonly #shardMax: number
  readonly #ranked: Ranked

  /** At most `entitiesMax` entities in all shards together. */
  constructor(entitiesMax: number, ranked: Ranked) {
    this.#shardMax = Math.ceil(entitiesMax / shardCount)
    this.#ranked = ranked
  }

  get bytes(): number {
    return this.#before.byteLength + this.#after.byteLength + this.#shards.byteLength
  }

  /** Makes entities below `entities` usable. */
  reserve(entities: number): void {
    this.#before = grown(this.#before, entities)
    this.#after = grown(this.#after, entities)
    this.#shards = grown(this.#shards, entities)
  }

  /** The entity's newest sealed pane changed: it is the freshest. */
  touch(entity: number): void {
    const known = this.#shards[entity] as number
    if (known > 0) this.#unlink(entity, known - 1)
    const shard = known > 0 ? known - 1 : (this.#ranked.hashOf(entity) >>> 0) % shardCount
    const tail = this.#tails[shard] as number
    this.#before[entity] = tail
    this.#after[entity] = 0
    if (tail > 0) this.#after[tail - 1] = entity + 1
    else this.#heads[shard] = entity + 1
    this.#tails[shard] = entity + 1
    this.#shards[entity] = shard + 1
    this.#counts[shard] = (this.#counts[shard] as number) + 1
  }

  /** Touches many, stalest first: there are few panes that they were sealed in. */
  touchAll(entities: readonly number[]): void {
    const bySealed = new Map<number, number[]>()
    for (const entity of entities) {
      const sealed = this.#ranked.sealedOf(entity)
      const alike = bySealed.get(sealed)
      if (alike) alike.push(entity)
      else bySealed.set(sealed, [entity])
    }
    const stalestFirst = [...bySealed].sort(([left], [right]) => left - right)
    for (const [, alike] of stalestFirst) for (const entity of alike) this.touch(entity)
  }

  forget(entity: number): void {
    const known = this.#shards[entity] as number
    if (known === 0) return
    this.#unlink(entity, known - 1)
    this.#shards[entity] = 0
  }

  /** Entities that must go, stalest first; of equally stale ones those with the smallest hashes, then keys. */
  overflow(): number[] {
    const gone: number[] = []
    for (let shard = 0; shard < shardCount; shard++) {
      const excess = (this.#counts[shard] as number) - this.#shardMax
      // One by one: a flood into one shard is more than a call takes arguments.
      if (excess > 0) for (const entity of this.#stalest(shard, excess)) gone.push(entity)
    }
    return gone
  }

  #stalest(shard: number, excess: number): number[] {
    const { hashOf, keyOf, sealedOf } = this.#ranked
    const gone: number[] = []
    let entity = (this.#heads[shard] as number) - 1
    while (entity >= 0 && gone.length < excess) {
      // Order within one pane is that of arrival, so its whole group is read, and sorted by hash when only a part goes.
      const sealed = sealedOf(entity)
      const group: number[] = []
      for (; entity >= 0 && sealedOf(entity) === sealed; entity = (this.#after[entity] as number) - 1)
        group.push(entity)
      group.sort((left, right) => hashOf(left) - hashOf(right) || (keyOf(left) < keyOf(right) ? -1 : 1))
      for (const one of group) gone.push(one)
    }
    gone.length = Math.min(gone.length, excess)
    return gone
  }

  #unlink(entity: number, shard: number): void {
    const before = this.#before[entity] as number
    const after = this.#after[entity] as number
    if (before > 0) this.#after[before - 1] = after
    else this.#heads[shard] = after
    if (after > 0) this.#before[after - 1] = before
    else this.#tails[shard] = before
    this.#counts[shard] = (this.#counts[shard] as number) - 1
  }
}
