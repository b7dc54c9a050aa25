import { shardCount } from '../engine/recency.ts'
import type { KeyedHash } from '../hash/keyed-hash.ts'

/** Most partitions that entities can be spread over. */
export const partitionsMax = shardCount

/**
 * The partition of the entity with this `entityKey`. Partitions hold whole hash shards, by which the bounds count, so an
 * entity is forgotten when it would be in one process. The keyed hash keeps an attacker from choosing its partition.
 */
export function entityPartition(hash: KeyedHash, entityKey: string, partitions: number): number {
  return (hash(entityKey) % shardCount) % partitions
}
