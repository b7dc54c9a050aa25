import { grown } from '../aggregates/grown.ts'
import { slotsPerStep } from './steps.ts'

/** Marks of a slot: it changed since the last cut, and before it, by turns; the store holds it. */
const [even, odd, stored] = [1, 2, 4]

/**
 * Remembers which slots changed since the last commit, and which the store holds; nothing when nothing is stored. What a
 * commit holds is written little by little: a slot that is about to change again before its turn is written first.
 */
export class SlotChanges {
  readonly #durable: boolean
  #marks = new Uint8Array(0)
  #changed: number[] = []
  #isOdd = false
  /** Those of the last cut; from `#next` on they are not written yet. */
  #cut: readonly number[] = []
  #next = 0
  #write: (slot: number) => void = () => {}

  constructor(durable: boolean) {
    this.#durable = durable
  }

  get bytes(): number {
    return this.#marks.byteLength + (this.#changed.length + this.#cut.length) * 8
  }

  /** The slot changes next. */
  changed(slot: number): void {
    if (!this.#durable) return
    if (slot >= this.#marks.length) this.#marks = grown(this.#marks, slot + 1)
    let mark = this.#marks[slot] as number
    const now = this.#isOdd ? odd : even
    if ((mark & now) !== 0) return
    if ((mark & (even | odd)) !== 0) mark = this.#writeOut(slot)
    this.#marks[slot] = mark | now
    this.#changed.push(slot)
  }

  /** The slot was read from the store, and is as it is there. */
  restored(slot: number): void {
    if (!this.#durable) return
    if (slot >= this.#marks.length) this.#marks = grown(this.#marks, slot + 1)
    this.#marks[slot] = stored
  }

  /** The slot is released next. Returns whether the store holds it. */
  released(slot: number): boolean {
    let mark = this.#marks[slot] ?? 0
    if ((mark & (this.#isOdd ? even : odd)) !== 0) mark = this.#writeOut(slot)
    if (mark !== 0) this.#marks[slot] = 0
    return (mark & stored) !== 0
  }

  /** What changed so far belongs to the next commit: `write` is called once for each slot of it that is held, as it is now. */
  cut(write: (slot: number) => void): void {
    while (this.writeSome());
    this.#cut = this.#changed
    this.#next = 0
    this.#changed = []
    this.#isOdd = !this.#isOdd
    this.#write = write
  }

  /** Writes some of the last cut. Returns whether there are more. */
  writeSome(): boolean {
    const before = this.#isOdd ? even : odd
    const end = Math.min(this.#next + slotsPerStep, this.#cut.length)
    for (; this.#next < end; this.#next++) {
      const slot = this.#cut[this.#next] as number
      if (((this.#marks[slot] as number) & before) !== 0) this.#writeOut(slot)
    }
    if (this.#next < this.#cut.length) return true
    this.#cut = []
    this.#next = 0
    this.#write = () => {}
    return false
  }

  /** The store will hold the slot as it is now. Returns its mark. */
  #writeOut(slot: number): number {
    this.#marks[slot] = stored
    this.#write(slot)
    return stored
  }
}
