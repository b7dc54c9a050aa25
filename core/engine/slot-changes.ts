import { grown } from '../aggregates/grown.ts'

const changed = 1
const stored = 2

/** Remembers which slots changed since the last commit, and which the store holds; nothing when nothing is stored. */
export class SlotChanges {
  readonly #durable: boolean
  #marks = new Uint8Array(0)
  #changed: number[] = []

  constructor(durable: boolean) {
    this.#durable = durable
  }

  get bytes(): number {
    return this.#marks.byteLength + this.#changed.length * 8
  }

  changed(slot: number): void {
    if (!this.#durable) return
    if (slot >= this.#marks.length) this.#marks = grown(this.#marks, slot + 1)
    const mark = this.#marks[slot] as number
    if ((mark & changed) !== 0) return
    this.#marks[slot] = mark | changed
    this.#changed.push(slot)
  }

  /** The slot was read from the store, and is as it is there. */
  restored(slot: number): void {
    if (!this.#durable) return
    if (slot >= this.#marks.length) this.#marks = grown(this.#marks, slot + 1)
    this.#marks[slot] = stored
  }

  /** The slot is released. Returns whether the store holds it. */
  released(slot: number): boolean {
    const mark = this.#marks[slot] ?? 0
    if (mark !== 0) this.#marks[slot] = 0
    return (mark & stored) !== 0
  }

  /** Calls back for each slot that changed and is held; the store will hold it. */
  drain(write: (slot: number) => void): void {
    const list = this.#changed
    this.#changed = []
    for (const slot of list) {
      if (((this.#marks[slot] as number) & changed) === 0) continue
      this.#marks[slot] = stored
      write(slot)
    }
  }
}
