import { roomBeyond } from './grown.ts'

/**
 * Records of equal length by slot, as 32-bit words and as 64-bit floats over the same bytes. What belongs to one slot lies
 * together, because waiting for memory is most of what an event costs. New records are zero.
 */
export class Records {
  /** Words of a record, an even number. */
  readonly stride: number
  words = new Int32Array(0)
  floats = new Float64Array(this.words.buffer)
  #slots = 0

  constructor(stride: number) {
    this.stride = stride + (stride & 1)
  }

  get bytes(): number {
    return this.words.byteLength
  }

  /** Makes the slots below `slots` usable. */
  reserve(slots: number): void {
    if (slots <= this.#slots) return
    this.#slots = Math.max(slots, roomBeyond(this.#slots))
    const before = this.words
    this.words = new Int32Array(this.#slots * this.stride)
    this.words.set(before)
    this.floats = new Float64Array(this.words.buffer)
  }

  /** Makes a record zero from word `from` on. */
  clear(slot: number, from: number): void {
    const { words, stride } = this
    for (let at = slot * stride + from, end = (slot + 1) * stride; at < end; at++) words[at] = 0
  }
}

/** Where the cells of one column are: at word `offset`, an even number, of each record. */
export interface CellPlace {
  readonly records: Records
  readonly offset: number
}
