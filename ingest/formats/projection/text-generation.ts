/** Slots looked at before a text counts as unknown: no choice of texts makes a lookup longer. */
export const probesMax = 16

/** A slot holds where an entry starts, in units of 8 bytes, and above it bits of the hash to tell most others apart. */
const startBits = 20
export const startMask = (1 << startBits) - 1
export const tagMask = ~startMask
const slotsMin = 256

/** An entry's integers: place and length, number of its value, its last bytes, its hash. Then its bytes. */
export const headSize = 4
/** Where no entry starts. */
export const noEntry = 0

/** Texts of 8 bytes or more are kept in blocks of 8, the last of which overlaps the one before it. */
export function blocksOf(length: number): number {
  return length < 4 ? 0 : (length + 7) >> 3
}

/** An open-addressed table of texts and the numbers of what was made of them, all in a few arrays; it grows up to its bounds. */
export class TextGeneration {
  slots = new Int32Array(slotsMin)
  mask = slotsMin - 1
  ints = new Int32Array(1024)
  blocks = new Float64Array(this.ints.buffer)
  /** Entries held. */
  size = 0
  readonly #entriesMax: number
  readonly #blocksMax: number
  /** In units of 8 bytes. The first entry starts behind nothing, so that a slot of 0 is free. */
  #used = 1

  constructor(entriesMax: number, bytesMax: number) {
    this.#entriesMax = entriesMax
    this.#blocksMax = Math.min(bytesMax / 8, startMask)
  }

  /** Whether an entry of that many bytes still fits. */
  fits(length: number): boolean {
    return this.size < this.#entriesMax && this.#used + headSize / 2 + blocksOf(length) <= this.#blocksMax
  }

  /**
   * Adds an entry without its bytes; gives where these belong, in units of 8 bytes, or `noEntry` when all places where it
   * would be looked for are taken. It must fit.
   */
  add(key: number, hash: number, tail: number, number: number): number {
    const start = this.#used
    const end = start + headSize / 2 + blocksOf(key & 0xffff)
    if (end * 2 > this.ints.length) this.#growTo(this.ints.length * 2)
    if ((this.size + 1) * 2 > this.slots.length) this.#rehash(this.slots.length * 2)
    if (!this.#link(hash, start)) return noEntry
    const { ints } = this
    ints[start * 2] = key
    ints[start * 2 + 1] = number
    ints[start * 2 + 2] = tail
    ints[start * 2 + 3] = hash
    this.size++
    this.#used = end
    return start + headSize / 2
  }

  /** Forgets all; the arrays stay. `onNumber` is told the number of each entry. */
  clear(onNumber: (number: number) => void): void {
    for (let start = 1; start < this.#used; start = this.#after(start)) {
      onNumber(this.ints[start * 2 + 1] as number)
    }
    this.slots.fill(0)
    this.size = 0
    this.#used = 1
  }

  /** Whether a place was free. */
  #link(hash: number, start: number): boolean {
    let slot = hash & this.mask
    for (let probe = 0; probe < probesMax; probe++) {
      if (this.slots[slot] === 0) {
        this.slots[slot] = (hash & tagMask) | start
        return true
      }
      slot = (slot + 1) & this.mask
    }
    return false
  }

  #after(start: number): number {
    return start + headSize / 2 + blocksOf((this.ints[start * 2] as number) & 0xffff)
  }

  #growTo(length: number): void {
    const grown = new Int32Array(length)
    grown.set(this.ints)
    this.ints = grown
    this.blocks = new Float64Array(grown.buffer)
  }

  #rehash(length: number): void {
    this.slots = new Int32Array(length)
    this.mask = length - 1
    for (let start = 1; start < this.#used; start = this.#after(start)) {
      this.#link(this.ints[start * 2 + 3] as number, start)
    }
  }
}
