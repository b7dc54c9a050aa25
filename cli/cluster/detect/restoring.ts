import type { EntityPack } from '../../../core/ports/state-store.ts'
import type { PartitionBatch } from '../../../storage/kafka/partition-work.ts'
import { realWaits } from '../../runtime/waits.ts'
import { type RestoredState, StateRecords } from './changelog/state-records.ts'
import type { PackTarget } from './changelog/streamed-packs.ts'

export interface RestoringOptions {
  readonly engine: PackTarget
  /** Offset behind all of the state. */
  readonly barrier: number
  /** Whether the partition was given up meanwhile. */
  readonly isOver: () => boolean
}

/**
 * Reads the state of a partition from the changelog, up to a barrier that was written behind all of it. Packs go to the engine as
 * they come, so that restoring goes on beside the broker's work and nobody holds all messages.
 */
export class Restoring {
  /** Offset to read on from. */
  next = 0
  readonly #options: RestoringOptions
  readonly #records: StateRecords
  /** Restores what came so far. */
  #working: Promise<void> = Promise.resolve()

  constructor(options: RestoringOptions) {
    this.#options = options
    this.#records = new StateRecords(options.engine)
  }

  /**
   * Returns what else is known once the barrier is read and every pack restored; nothing when it was over before. What came is restored
   * while the next batch is fetched. Throws for a record that this version does not know, perhaps with the batch after it.
   */
  async take({ messages, next }: PartitionBatch): Promise<Omit<RestoredState, 'packs'> | undefined> {
    const { barrier, isOver, engine } = this.#options
    this.next = next
    const before = this.#working
    this.#working = before.then(() => this.#restore(messages))
    // Who waits for it hears of it: the next call.
    this.#working.catch(() => {})
    await before
    if (next <= barrier) return undefined
    await this.#working
    if (isOver()) return undefined
    const { packs, ...restored } = this.#records.read()
    return (await restoredInTurns(engine, packs, isOver)) ? restored : undefined
  }

  async #restore(messages: PartitionBatch['messages']): Promise<void> {
    for (const { key, value } of messages) {
      if (this.#options.isOver()) return
      if (this.#records.take(String(key), value)) await realWaits.turn()
    }
  }
}

/**
 * Gives packs to an engine; other partitions and probes have their turn in between, for a million entities take seconds. Returns
 * false when it was over before.
 */
async function restoredInTurns(
  engine: PackTarget,
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
