import type { Engine } from '../../../core/engine/engine.ts'
import type { EntityPack } from '../../../core/ports/state-store.ts'
import type { PartitionBatch } from '../../../storage/kafka/partition-work.ts'
import { realWaits } from '../../runtime/waits.ts'
import { type RestoredState, StateRecords } from './changelog/state-records.ts'

/** Reads the state of a partition from the changelog, up to a barrier that was written behind all of it. */
export class Restoring {
  /** Offset to read on from. */
  next = 0
  readonly #records = new StateRecords()
  readonly #barrier: number

  /** `barrier` is its offset. */
  constructor(barrier: number) {
    this.#barrier = barrier
  }

  /** Returns the state once the barrier is read. Throws for a record that this version does not know. */
  take({ messages, next }: PartitionBatch): RestoredState | undefined {
    for (const { key, value } of messages) this.#records.take(String(key), value)
    this.next = next
    return next > this.#barrier ? this.#records.read() : undefined
  }
}

/**
 * Gives packs to an engine, other work in between: a million entities take seconds, in which other partitions and probes have
 * their turn. Returns false when it was over before.
 */
export async function restoredInTurns(
  engine: Pick<Engine, 'restore'>,
  packs: Iterable<EntityPack>,
  isOver: () => boolean,
): Promise<boolean> {
  for (const pack of packs) {
    engine.restore(pack)
    await realWaits.turn()
    if (isOver()) return false
  }
  return true
}
