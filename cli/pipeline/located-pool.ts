import { EventRecord } from '../../core/event/event-record.ts'
import type { Located, PartitionLane } from './partition-lane.ts'

/** More are made anew for each batch, so that a partition with short lines keeps no more than a megabyte. */
const pooledMax = 2048

/** An accepted event that the lane uses again for its next batch. */
export class LocatedRecord implements Located {
  time = Number.NaN
  offset = 0
  readonly event = new EventRecord()
  readonly lane: PartitionLane

  constructor(lane: PartitionLane) {
    this.lane = lane
  }
}

/** The events of a lane's batch, used again when its next batch is taken: nobody keeps them longer without a copy. */
export class LocatedPool {
  readonly #lane: PartitionLane
  readonly #records: LocatedRecord[] = []
  #used = 0

  constructor(lane: PartitionLane) {
    this.#lane = lane
  }

  /** All events of the last batch are dead from now on. */
  reset(): void {
    this.#used = 0
  }

  /** A record that is not in use; the same one again until `keep` is called. */
  get next(): LocatedRecord {
    const pooled = this.#records[this.#used]
    if (pooled !== undefined) return pooled
    const made = new LocatedRecord(this.#lane)
    if (this.#records.length < pooledMax) this.#records.push(made)
    return made
  }

  /** The record that `next` gave is in use. */
  keep(): void {
    this.#used++
  }
}
