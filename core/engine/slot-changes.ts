import { grown } from '../aggregates/grown.ts'
import type { EntityPack } from '../ports/state-store.ts'
import { PackLedger } from './pack-ledger.ts'
import { slotsPerStep } from './steps.ts'

/** Marks of a slot: it changed since the last cut, and before it, by turns. */
const [even, odd] = [1, 2] as const

/**
 * What becomes of changes: nothing, they are told and nobody keeps them, or a store keeps them in packs until these are told to
 * go. There what is old and lives on is written anew now and then.
 */
export type Keeping = 'nothing' | 'changes' | 'packs'

/** Writes a slot for the store, and returns in how many bytes. */
export type WriteSlot = (slot: number) => number

/**
 * Remembers which slots changed since the last commit, and which the store holds; nothing when nothing is stored. What a
 * commit holds is written little by little: a slot that is about to change again before its turn is written first.
 */
export class SlotChanges {
  readonly #keeping: Keeping
  readonly #ledger: PackLedger
  #marks = new Uint8Array(0)
  #changed: number[] = []
  /** The mark of what changes from now on. */
  #now: number = even
  /** Those of the last cut; from `#next` on they are not written yet. */
  #cut: readonly number[] = []
  #next = 0
  #write: WriteSlot = () => 0

  constructor(keeping: Keeping, ledger = new PackLedger()) {
    this.#keeping = keeping
    this.#ledger = ledger
  }

  get bytes(): number {
    return this.#marks.byteLength + (this.#changed.length + this.#cut.length) * 8 + this.#ledger.bytes
  }

  /** The slot changes next. */
  changed(slot: number): void {
    if (this.#keeping === 'nothing') return
    if (slot >= this.#marks.length) this.#marks = grown(this.#marks, slot + 1)
    const now = this.#now
    const mark = this.#marks[slot] as number
    if ((mark & now) !== 0) return
    if ((mark & this.#before) !== 0) this.#writeOut(slot)
    this.#marks[slot] = (this.#marks[slot] as number) | now
    this.#changed.push(slot)
  }

  /** What is restored next is in the pack, or piece of one, of that number. Returns its place, for `withdraw`. */
  restoring(number: number): number {
    return this.#keeping === 'packs' ? this.#ledger.begin(number) : 0
  }

  /** A restored pack is gone from the store: calls back for the slots of which it still has the newest record, to release them. */
  withdraw(place: number, release: (slot: number) => void): void {
    if (this.#keeping !== 'packs')
      throw new Error(`packs are not told apart with 'keeping: ${this.#keeping}'`)
    this.#ledger.withdraw(place, release)
  }

  /** The slot was read from the store, and is as it is there, in so many bytes. */
  restored(slot: number, bytes: number): void {
    if (this.#keeping === 'nothing') return
    if (slot >= this.#marks.length) this.#marks = grown(this.#marks, slot + 1)
    this.#hold(slot, bytes)
  }

  /** The slot is released next. Returns whether the store holds it. */
  released(slot: number): boolean {
    if (((this.#marks[slot] ?? 0) & this.#before) !== 0) this.#writeOut(slot)
    if ((this.#marks[slot] ?? 0) !== 0) this.#marks[slot] = 0
    return this.#keeping === 'packs' && this.#ledger.release(slot)
  }

  /**
   * What changed so far belongs to the next commit: `write` is called once for each slot of it that is held, as it is now. Returns
   * the numbers of the pack of that, and of the oldest one that counts as things are now: what is released later, while the
   * commit is still under way, belongs to the next one.
   */
  cut(write: WriteSlot): Pick<EntityPack, 'number' | 'oldest'> {
    while (this.writeSome());
    if (this.#keeping === 'packs') {
      this.#ledger.renew((slot) => this.changed(slot))
      this.#ledger.begin()
    }
    this.#cut = this.#changed
    this.#next = 0
    this.#changed = []
    this.#now = this.#before
    this.#write = write
    return { number: this.#ledger.newest, oldest: this.#ledger.oldest }
  }

  /** Writes some of the last cut. Returns whether there are more. */
  writeSome(): boolean {
    const before = this.#before
    const end = Math.min(this.#next + slotsPerStep, this.#cut.length)
    for (; this.#next < end; this.#next++) {
      const slot = this.#cut[this.#next] as number
      if (((this.#marks[slot] as number) & before) !== 0) this.#writeOut(slot)
    }
    if (this.#next < this.#cut.length) return true
    this.#cut = []
    this.#next = 0
    this.#write = () => 0
    return false
  }

  /** The mark of what the last cut holds. */
  get #before(): number {
    return even + odd - this.#now
  }

  #writeOut(slot: number): void {
    this.#hold(slot, this.#write(slot))
  }

  /** The store has the slot as it is now. */
  #hold(slot: number, bytes: number): void {
    this.#marks[slot] = 0
    if (this.#keeping === 'packs') this.#ledger.hold(slot, bytes)
  }
}
