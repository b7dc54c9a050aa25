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

  constructor(options: RestoringOptions) {
    this.#options = options
    this.#records = new StateRecords(options.engine)
  }

  /**
   * Returns what else is known once the barrier is read and every pack restored; nothing when it was over before. Other partitions
   * and probes have their turn between packs: a million entities take seconds. Throws for a record that this version does not know.
   */
  async take({ messages, next }: PartitionBatch): Promise<Omit<RestoredState, 'packs'> | undefined> {
    const { barrier, isOver, engine } = this.#options
    for (const { key, value } of messages) {
      if (!this.#records.take(String(key), value)) continue
      await realWaits.turn()
      if (isOver()) return undefined
    }
    this.next = next
    if (next <= barrier) return undefined
    const { packs, ...restored } = this.#records.read()
    return (await restoredInTurns(engine, packs, isOver)) ? restored : undefined
  }
}

/** Gives packs to an engine, other work in between. Returns false when it was over before. */
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
