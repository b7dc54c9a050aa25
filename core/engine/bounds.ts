import type { KeyedHash } from '../hash/keyed-hash.ts'
import type { EntityState } from './entity-state.ts'

/** Entities are bounded by hash shard, so that a flood of keys evicts from all shards evenly and by its own size. */
export const shardCount = 64

/** Entities with sealed state, by shard, stalest first. */
export class Bounds {
  readonly #shards = Array.from({ length: shardCount }, () => new Map<string, EntityState>())
  readonly #entitiesMax: number
  readonly #hash: KeyedHash

  /** At most `entitiesMax` entities in all shards together. */
  constructor(entitiesMax: number, hash: KeyedHash) {
    this.#entitiesMax = Math.ceil(entitiesMax / shardCount)
    this.#hash = hash
  }

  shardOf(key: string): number {
    return this.#hash(key) % shardCount
  }

  /** The entity's newest sealed pane changed: it is the freshest now. */
  touch(state: EntityState): void {
    const shard = this.#shards[state.shard]
    shard?.delete(state.key)
    shard?.set(state.key, state)
  }

  forget(state: EntityState): void {
    this.#shards[state.shard]?.delete(state.key)
  }

  /** Entities that must go, stalest first; of equally stale ones those with the smallest hashes. */
  overflow(): EntityState[] {
    return this.#shards.flatMap((shard) => this.#overflowOf(shard))
  }

  #overflowOf(shard: ReadonlyMap<string, EntityState>): EntityState[] {
    const excess = shard.size - this.#entitiesMax
    if (excess <= 0) return []
    const stalest: EntityState[] = []
    for (const state of shard.values()) {
      const last = stalest[stalest.length - 1]
      // Map order within one pane is the order of arrival, so the whole pane's group is read and sorted by hash.
      if (stalest.length >= excess && last && last.sealed !== state.sealed) break
      stalest.push(state)
    }
    const order = new Map(stalest.map((state) => [state, this.#hash(state.key)]))
    stalest.sort(
      (left, right) => left.sealed - right.sealed || (order.get(left) ?? 0) - (order.get(right) ?? 0),
    )
    return stalest.slice(0, excess)
  }
}
