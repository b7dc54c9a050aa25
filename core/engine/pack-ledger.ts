import { grown } from '../aggregates/grown.ts'

export interface PackBounds {
  /** A log is so many bytes longer than twice what counts before anything is written anew. */
  readonly deadBytesMin: number
  /** Packs that a log has before the oldest are written anew, whatever they hold. */
  readonly packsMax: number
  /** Bytes that one cut writes anew, besides what changed; one pack more or less. */
  readonly renewedBytesMax: number
}

const megabyte = 1024 * 1024
const boundsDefault: PackBounds = {
  deadBytesMin: 16 * megabyte,
  packsMax: 1000,
  renewedBytesMax: 4 * megabyte,
}

/** One pack: the slots that it was written for, and of how many it still has the newest record. */
interface Pack {
  slots: number[] | Int32Array
  bytes: number
  live: number
  liveBytes: number
}

/**
 * Which pack of a log has the newest record of each slot. Packs go from the log in their order, each once nothing in it
 * counts. What is old and lives on is written anew, so that a log has no more than about twice the bytes that count.
 */
export class PackLedger {
  readonly #bounds: PackBounds
  /** Number of the pack that holds each slot, 0 for none, and the bytes of its record there. */
  #heldBy = new Uint32Array(0)
  #sizes = new Uint32Array(0)
  /** Oldest first; those in front that hold nothing are left out. */
  readonly #packs = new Map<number, Pack>()
  #newest = 0
  /** Of records in all packs; and of those that count. */
  #bytes = 0
  #liveBytes = 0

  constructor(bounds = boundsDefault) {
    this.#bounds = bounds
  }

  /** Memory held, about. */
  get bytes(): number {
    let records = 0
    for (const { slots } of this.#packs.values()) records += slots.length
    return this.#heldBy.byteLength + this.#sizes.byteLength + records * 4 + this.#packs.size * 256
  }

  /** Number of the pack that is being written, or was last. */
  get newest(): number {
    return this.#newest
  }

  /** Number of the oldest pack that has something which counts, or of the newest one. */
  get oldest(): number {
    for (const [number, { live, bytes }] of this.#packs) {
      if (live > 0 || number === this.#newest) return number
      this.#packs.delete(number)
      this.#bytes -= bytes
    }
    return this.#newest
  }

  /** What is held from now on is held by another pack; without `number` by the next one. */
  begin(number = this.#newest + 1): void {
    // Instances that share their state have a log each, which may be shorter than that of another.
    if (number <= this.#newest) return
    const before = this.#packs.get(this.#newest)
    if (before?.slots.length === 0) this.#packs.delete(this.#newest)
    else if (before) before.slots = Int32Array.from(before.slots)
    this.#newest = number
    this.#packs.set(number, { slots: [], bytes: 0, live: 0, liveBytes: 0 })
  }

  /** The newest pack has the slot as it is, in so many bytes. */
  hold(slot: number, bytes: number): void {
    this.release(slot)
    if (slot >= this.#heldBy.length) {
      this.#heldBy = grown(this.#heldBy, slot + 1)
      this.#sizes = grown(this.#sizes, slot + 1)
    }
    this.#heldBy[slot] = this.#newest
    this.#sizes[slot] = bytes
    const pack = this.#packs.get(this.#newest) as Pack & { readonly slots: number[] }
    pack.slots.push(slot)
    pack.bytes += bytes
    this.#bytes += bytes
    this.#count(pack, 1, bytes)
  }

  /** No record of the slot counts any more. Returns whether there was one. */
  release(slot: number): boolean {
    const number = this.#heldBy[slot] ?? 0
    if (number === 0) return false
    this.#heldBy[slot] = 0
    this.#count(this.#packs.get(number) as Pack, -1, -(this.#sizes[slot] as number))
    return true
  }

  /** Calls back for slots that are to be written anew with the next pack, so that the oldest ones can go. */
  renew(write: (slot: number) => void): void {
    const { deadBytesMin, packsMax, renewedBytesMax } = this.#bounds
    let [bytes, packs, renewed] = [this.#bytes, this.#packs.size, 0]
    for (const [number, pack] of this.#packs) {
      const isShort = bytes <= this.#liveBytes * 2 + deadBytesMin && packs <= packsMax
      if (isShort || renewed >= renewedBytesMax) return
      if (pack.live > 0) {
        for (const slot of pack.slots) if (this.#heldBy[slot] === number) write(slot)
      }
      bytes -= pack.bytes - pack.liveBytes
      packs--
      renewed += pack.liveBytes
    }
  }

  #count(pack: Pack, records: number, bytes: number): void {
    pack.live += records
    pack.liveBytes += bytes
    this.#liveBytes += bytes
  }
}
