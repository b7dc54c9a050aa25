import { ByteReader } from '../aggregates/byte-reader.ts'
import { grown } from '../aggregates/grown.ts'

/** A pack in which cells lie that are not read yet. */
interface UnreadPack {
  readonly bytes: Uint8Array
  reader: ByteReader | undefined
  left: number
}

/**
 * Where the cells of restored slots lie: in the packs that they were stored in, until somebody asks for them. Most never are, for
 * their time goes by before their entity is met again, and to read them all is more than half of what a start takes.
 */
export class UnreadCells {
  readonly #packs = new Map<number, UnreadPack>()
  #newest = 0
  /** The pack of that number. */
  #pack: UnreadPack | undefined
  /** By slot: the number of the pack, 0 for none, and where in it. */
  #packOf = new Int32Array(0)
  #starts = new Uint32Array(0)
  #ends = new Uint32Array(0)
  #left = 0

  /** Whether everything was read. */
  get isEmpty(): boolean {
    return this.#left === 0
  }

  /** Memory held, about, the packs with it. */
  get bytes(): number {
    let bytes = this.#packOf.byteLength * 3
    for (const pack of this.#packs.values()) bytes += pack.bytes.length
    return bytes
  }

  /** What is held from now on lies in this pack. */
  begin(bytes: Uint8Array): void {
    this.#drop(this.#newest)
    this.#pack = { bytes, reader: undefined, left: 0 }
    this.#packs.set(++this.#newest, this.#pack)
  }

  /** Nothing more is held. */
  ended(): void {
    this.#drop(this.#newest++)
    this.#pack = undefined
  }

  /** The cells of a slot lie between two places of the pack. */
  hold(slot: number, start: number, end: number): void {
    if (slot >= this.#packOf.length) {
      this.#packOf = grown(this.#packOf, slot + 1)
      this.#starts = grown(this.#starts, slot + 1)
      this.#ends = grown(this.#ends, slot + 1)
    }
    this.#packOf[slot] = this.#newest
    this.#starts[slot] = start
    this.#ends[slot] = end
    this.#count(this.#pack as UnreadPack, 1)
  }

  /** Whether a slot has cells that are not read; −1 stands for no slot. */
  has(slot: number): boolean {
    return slot >= 0 && slot < this.#packOf.length && this.#packOf[slot] !== 0
  }

  /** What the cells of a slot are to be read from, once; `undefined` where they are read. Dead after the next call. */
  take(slot: number): ByteReader | undefined {
    const pack = this.has(slot) ? this.#packs.get(this.#packOf[slot] as number) : undefined
    if (!pack) return undefined
    pack.reader ??= new ByteReader(pack.bytes)
    pack.reader.within(this.#starts[slot] as number, this.#ends[slot] as number)
    this.forget(slot)
    return pack.reader
  }

  /** The slot is given back, or has other cells. */
  forget(slot: number): void {
    if (!this.has(slot)) return
    const number = this.#packOf[slot] as number
    this.#packOf[slot] = 0
    this.#count(this.#packs.get(number) as UnreadPack, -1)
    if (number !== this.#newest) this.#drop(number)
  }

  #count(pack: UnreadPack, change: number): void {
    pack.left += change
    this.#left += change
  }

  #drop(number: number): void {
    if (this.#packs.get(number)?.left !== 0) return
    this.#packs.delete(number)
    if (this.#packs.size > 0) return
    this.#packOf = new Int32Array(0)
    this.#starts = new Uint32Array(0)
    this.#ends = new Uint32Array(0)
  }
}
