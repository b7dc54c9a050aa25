import type { PartitionBatch } from '../../../storage/kafka/partition-work.ts'
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
