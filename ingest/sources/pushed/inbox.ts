import { type Positions, partitionKey } from '../../../core/event/position.ts'
import type { DecodedCounts, RawRecord, SourceBatch } from '../../../core/ports/source.ts'
import type { Mark } from '../../../core/ports/state-store.ts'
import { batchesOrIdle } from './batches-or-idle.ts'

/** What a sender gave at once. All of it is committed together, or nothing. */
export interface Delivery {
  /** Their offsets are places among these records. */
  readonly records: readonly RawRecord[]
  /** When it was here, epoch milliseconds. */
  readonly received: number
  /** Told what became of the records; what it returns commits with them. */
  readonly decoded?: (counts: DecodedCounts) => readonly Mark[]
  /** Told once how it ended. */
  readonly settle: (outcome: Outcome) => void
}

/**
 * What became of a delivery that is durable; `not-read` when nothing of it was read, and none will be committed; `unknown`
 * when it was read, and nobody here will know whether a commit that holds it comes through.
 */
export type Outcome = DecodedCounts | 'not-read' | 'unknown'

interface Taken {
  readonly next: number
  readonly settle: Delivery['settle']
  counts: DecodedCounts
}

const nothing: DecodedCounts = { accepted: 0, refused: 0 }

/**
 * Where what senders push meets the reader's loop: one partition, whose offsets number the records as they came, so
 * that no sender can open partitions at will. After a restart the numbers go on where the last commit stood.
 */
export class Inbox {
  readonly #source: string
  readonly #partition: string
  #offered: Delivery[] = []
  #taken: Taken[] = []
  #next = 0
  #isOpen = false
  #wake: () => void = () => {}

  constructor(source: string, partition: string) {
    this.#source = source
    this.#partition = partition
  }

  /** Whether somebody reads. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Puts a delivery behind the others; settled at once when nobody reads. */
  offer(delivery: Delivery): void {
    if (!this.#isOpen) {
      delivery.settle('not-read')
      return
    }
    this.#offered.push(delivery)
    this.#wake()
  }

  /** The deliveries in their order, a batch each, until the signal aborts. Call it again only when it has ended. */
  async *batches(from: Positions, signal: AbortSignal, idleMs: number): AsyncGenerator<SourceBatch> {
    if (signal.aborted) return
    const partition = this.#partition
    this.#next = from.get(partitionKey(this.#source, partition)) ?? 0
    this.#isOpen = true
    try {
      yield { kind: 'opened', partition }
      const wait = (done: () => void) => {
        this.#wake = done
        return this.#offered.length > 0
      }
      for await (const came of batchesOrIdle(wait, idleMs, signal)) {
        if (came === 'idle') yield { kind: 'idle', partition }
        const delivery = came === 'idle' ? undefined : this.#offered.shift()
        if (delivery) yield this.#batchOf(delivery)
      }
    } finally {
      this.#isOpen = false
      for (const { settle } of this.#offered.splice(0)) settle('not-read')
    }
  }

  /** Everything before the position is durable. */
  committed(positions: Positions): void {
    const position = positions.get(partitionKey(this.#source, this.#partition)) ?? 0
    const waiting = this.#taken.findIndex(({ next }) => next > position)
    for (const { settle, counts } of this.#taken.splice(0, waiting < 0 ? this.#taken.length : waiting)) {
      settle(counts)
    }
  }

  /** Nobody will tell of commits any more: one may be under way all the same. */
  close(): void {
    for (const { settle } of this.#taken.splice(0)) settle('unknown')
  }

  #batchOf({ records, received, decoded, settle }: Delivery): SourceBatch {
    const first = this.#next
    this.#next += records.length
    const taken: Taken = { next: this.#next, settle, counts: nothing }
    this.#taken.push(taken)
    return {
      kind: 'records',
      partition: this.#partition,
      records: records.map((record, index) => ({ ...record, offset: first + index, received })),
      next: this.#next,
      decoded: (counts) => {
        taken.counts = counts
        return decoded?.(counts) ?? []
      },
    }
  }
}
