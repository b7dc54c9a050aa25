import { grown } from '../aggregates/grown.ts'

export interface PackBounds {
  /** A log has so many records besides twice those that count before anything is written anew. */
  readonly recordsMin: number
  /** Records that one cut writes anew, besides those that changed; one pack more or less. */
  readonly renewedMax: number
}

/** Some megabytes, and some milliseconds. */
const boundsDefault: PackBounds = { recordsMin: 50_000, renewedMax: 10_000 }

/** One pack: the slots that it was written for, and of how many it still has the newest record. */
interface Pack {
  slots: number[] | Int32Array
  live: number
}

/**
 * Which pack of a log has the newest record of each slot. Packs go from the log in their order, each once nothing in it
 * counts. What is old and lives on is written anew, so that a log has no more than about twice the records that count.
 */
export class PackLedger {
  /** Number of the pack that holds each slot; 0 for none. */
  #heldBy = new Uint32Array(0)
  /** Oldest first; those in front that hold nothing are left out. */
  readonly #packs = new Map<number, Pack>()
  #newest = 0
  /** In all packs; and those of them that count. */
  #records = 0
  #live = 0
  readonly #bounds: PackBounds

  constructor(bounds = boundsDefault) {
    this.#bounds = bounds
  }

  get bytes(): number {
    return this.#heldBy.byteLength + this.#records * 4
  }

  /** Number of the pack that is being written, or was last. */
  get newest(): number {
    return this.#newest
  }

  /** Number of the oldest pack that has something which counts, or of the newest one. */
  get oldest(): number {
    for (const [number, { live, slots }] of this.#packs) {
      if (live > 0 || number === this.#newest) return number
      this.#packs.delete(number)
      this.#records -= slots.length
    }
    return this.#newest
  }

  /** What is held from now on is held by another pack; without `number` by the next one. */
  begin(number = this.#newest + 1): void {
    // Instances that share their state have a log each, which may be shorter than that of another.
    if (number <= this.#newest) return
    const before = this.#packs.get(this.#newest)
    if (before?.live === 0 && before.slots.length === 0) this.#packs.delete(this.#newest)
    else if (before) before.slots = Int32Array.from(before.slots)
    this.#newest = number
    this.#packs.set(number, { slots: [], live: 0 })
  }

  /** The newest pack has the slot as it is. */
  hold(slot: number): void {
    this.release(slot)
    if (slot >= this.#heldBy.length) this.#heldBy = grown(this.#heldBy, slot + 1)
    this.#heldBy[slot] = this.#newest
    const pack = this.#packs.get(this.#newest) as Pack & { readonly slots: number[] }
    pack.slots.push(slot)
    pack.live++
    this.#records++
    this.#live++
  }

  /** No record of the slot counts any more. Returns whether there was one. */
  release(slot: number): boolean {
    const number = this.#heldBy[slot] ?? 0
    if (number === 0) return false
    this.#heldBy[slot] = 0
    ;(this.#packs.get(number) as Pack).live--
    this.#live--
    return true
  }

  /** Calls back for slots that are to be written anew with the next pack, so that the oldest ones can go. */
  renew(write: (slot: number) => void): void {
    const { recordsMin, renewedMax } = this.#bounds
    let [records, renewed] = [this.#records, 0]
    for (const [number, { slots, live }] of this.#packs) {
      if (records <= this.#live * 2 + recordsMin || renewed >= renewedMax) return
      if (live > 0) {
        for (const slot of slots) if (this.#heldBy[slot] === number) write(slot)
      }
      records -= slots.length - live
      renewed += live
    }
  }
}
