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

/** One pack, or a piece of one that was restored: the slots that it was written for, and of how many it still has the newest record. */
interface Pack {
  readonly number: number
  /** It has the number of the one before. */
  readonly isPiece: boolean
  slots: Int32Array
  /** How many of these places are taken. */
  length: number
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
  /** Place of the pack that holds each slot, 0 for none, and the bytes of its record there. */
  #heldBy = new Uint32Array(0)
  #sizes = new Uint32Array(0)
  /**
   * In the order in which they came, by their place in it: a log that was deleted and begun anew has numbers again. Those in front
   * that hold nothing are left out.
   */
  readonly #packs = new Map<number, Pack>()
  /** Place of the pack that is being written, or was last. */
  #last = 0
  #pieces = 0
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

  /** The greatest number that there was: that of the pack that is being written, or was last. */
  get newest(): number {
    return this.#newest
  }

  /** Number of the oldest pack that has something which counts, or of the newest one. */
  get oldest(): number {
    for (const [place, { live }] of this.#packs) {
      if (live > 0 || place === this.#last) break
      this.#drop(place)
    }
    let oldest = this.#newest
    for (const { number, live } of this.#packs.values()) if (live > 0 && number < oldest) oldest = number
    return oldest
  }

  /** What is held from now on is held by another pack; without `number` by the next one. Returns its place, for `withdraw`. */
  begin(number = this.#newest + 1): number {
    const before = this.#packs.get(this.#last)
    if (before?.length === 0) this.#drop(this.#last)
    else if (before) before.slots = before.slots.slice(0, before.length)
    const isPiece = before?.number === number && this.#packs.has(this.#last)
    this.#last++
    this.#newest = Math.max(this.#newest, number)
    this.#packs.set(this.#last, {
      number,
      isPiece,
      slots: new Int32Array(0),
      length: 0,
      bytes: 0,
      live: 0,
      liveBytes: 0,
    })
    if (isPiece) this.#pieces++
    return this.#last
  }

  /** A pack is gone from the log: calls back for the slots of which it still has the newest record, to release them. */
  withdraw(place: number, release: (slot: number) => void): void {
    const pack = this.#packs.get(place)
    if (pack) this.#eachLive(place, pack, release)
    this.#drop(place)
  }

  /** The newest pack has the slot as it is, in so many bytes. */
  hold(slot: number, bytes: number): void {
    this.release(slot)
    if (slot >= this.#heldBy.length) {
      this.#heldBy = grown(this.#heldBy, slot + 1)
      this.#sizes = grown(this.#sizes, slot + 1)
    }
    this.#heldBy[slot] = this.#last
    this.#sizes[slot] = bytes
    const pack = this.#packs.get(this.#last) as Pack
    pack.slots = grown(pack.slots, pack.length + 1)
    pack.slots[pack.length++] = slot
    pack.bytes += bytes
    this.#bytes += bytes
    this.#count(pack, 1, bytes)
  }

  /** No record of the slot counts any more. Returns whether there was one. */
  release(slot: number): boolean {
    const place = this.#heldBy[slot] ?? 0
    if (place === 0) return false
    this.#heldBy[slot] = 0
    this.#count(this.#packs.get(place) as Pack, -1, -(this.#sizes[slot] as number))
    return true
  }

  /** Calls back for slots that are to be written anew with the next pack, so that the oldest ones can go. */
  renew(write: (slot: number) => void): void {
    const { deadBytesMin, packsMax, renewedBytesMax } = this.#bounds
    let [bytes, packs, renewed] = [this.#bytes, this.#packs.size - this.#pieces, 0]
    for (const [place, pack] of this.#packs) {
      const isShort = bytes <= this.#liveBytes * 2 + deadBytesMin && packs <= packsMax
      if (isShort || renewed >= renewedBytesMax) return
      if (pack.live > 0) this.#eachLive(place, pack, write)
      bytes -= pack.bytes - pack.liveBytes
      if (!pack.isPiece) packs--
      renewed += pack.liveBytes
    }
  }

  /** The slots of which a pack still has the newest record. */
  #eachLive(place: number, { slots, length }: Pack, work: (slot: number) => void): void {
    for (let at = 0; at < length; at++) {
      const slot = slots[at] as number
      if (this.#heldBy[slot] === place) work(slot)
    }
  }

  #drop(place: number): void {
    const pack = this.#packs.get(place)
    if (!pack) return
    this.#packs.delete(place)
    this.#bytes -= pack.bytes
    if (pack.isPiece) this.#pieces--
  }

  #count(pack: Pack, records: number, bytes: number): void {
    pack.live += records
    pack.liveBytes += bytes
    this.#liveBytes += bytes
  }
}
