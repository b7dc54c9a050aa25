import { type Steps, slotsPerStep } from './steps.ts'

/** Slots of an index, and how many of them were given back since. */
interface Listed {
  readonly slots: number[]
  gone: number
}

/** Shorter lists are left as they are. */
const goneMin = 64

/** The slots of each index, a slice of event time, in the order in which they were opened. */
export class SlotLists {
  readonly #byIndex = new Map<number, Listed>()
  readonly #isHeld: (slot: number, index: number) => boolean
  #held = 0
  /** The list of the index that was asked for last: most slots are opened in the newest. */
  #last: Listed | undefined
  #lastIndex = Number.NaN

  /** `isHeld` tells whether a slot of a list still is one of that index. */
  constructor(isHeld: (slot: number, index: number) => boolean) {
    this.#isHeld = isHeld
  }

  /** Slots in all lists. */
  get length(): number {
    return this.#held
  }

  add(index: number, slot: number): void {
    const listed = index === this.#lastIndex ? this.#last : this.#byIndex.get(index)
    if (listed) listed.slots.push(slot)
    this.#last = listed ?? this.#set(index, [slot])
    this.#lastIndex = index
    this.#held++
  }

  /** A slot of an index is gone: the list is made anew once most of it is, so that it is no longer than what lives. */
  remove(index: number): void {
    const listed = this.#byIndex.get(index)
    if (!listed || ++listed.gone < goneMin || listed.gone * 2 < listed.slots.length) return
    this.#relist(index, listed)
  }

  /** Indices that have slots, ascending, from `from` on and below `below`. */
  indices(from: number, below: number): number[] {
    const found: number[] = []
    for (const index of this.#byIndex.keys()) if (index >= from && index < below) found.push(index)
    return found.sort((left, right) => left - right)
  }

  /** Slots of an index; those given back since belong to nobody or to another index. */
  of(index: number): readonly number[] {
    return this.#byIndex.get(index)?.slots ?? []
  }

  /** Has each slot that was given back and taken again listed once. */
  tidy(): void {
    for (const [index, listed] of this.#byIndex) if (listed.gone > 0) this.#relist(index, listed)
  }

  /** Has `remove` called for all slots at or before an index, which must remove them. */
  *expiring(last: number, remove: (slot: number) => void): Steps {
    for (const [index, { slots }] of this.#byIndex) {
      if (index > last) continue
      // Taken out first: the list of what goes altogether need not be kept short.
      this.#byIndex.delete(index)
      this.#lastIndex = Number.NaN
      this.#held -= slots.length
      for (let at = 0; at < slots.length; at++) {
        const slot = slots[at] as number
        if (this.#isHeld(slot, index)) remove(slot)
        if (at % slotsPerStep === 0) yield
      }
    }
  }

  #relist(index: number, listed: Listed): void {
    const slots = [...new Set(listed.slots)].filter((slot) => this.#isHeld(slot, index))
    this.#held -= listed.slots.length - slots.length
    this.#set(index, slots)
    this.#lastIndex = Number.NaN
  }

  #set(index: number, slots: number[]): Listed {
    const listed = { slots, gone: 0 }
    this.#byIndex.set(index, listed)
    return listed
  }
}
