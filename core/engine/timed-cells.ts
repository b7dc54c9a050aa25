import type { Shape } from '../aggregates/aggregate.ts'
import { CellArena } from '../aggregates/cell-arena.ts'
import { grown } from '../aggregates/grown.ts'
import type { Keys } from '../aggregates/keys.ts'
import type { KeyedHash } from '../hash/keyed-hash.ts'
import { SlotChanges } from './slot-changes.ts'

/** Slots of an index, and how many of them were given back since. */
interface Listed {
  readonly slots: number[]
  gone: number
}

export interface TimedCellsOptions {
  readonly keepsTimes: boolean
  /** Whether changed slots are remembered for the store. */
  readonly durable: boolean
  readonly keys?: Keys
}

/** Shorter lists are left as they are. */
const goneMin = 64

/**
 * Cells of entities by slices of event time: panes, or the slices of long memory. Each slot belongs to one entity and
 * one index (start ÷ length); an entity's slots are linked, newest first, and each index lists its slots.
 */
export class TimedCells<S extends Shape> {
  readonly arena: CellArena<S>
  readonly changes: SlotChanges
  /** Owner of a slot; −1 while it is free. */
  entity = new Int32Array(0)
  index = new Float64Array(0)
  /** Next older slot of the same entity plus one; 0 ends the list. */
  next = new Int32Array(0)
  /** How many events there were. */
  events = new Uint32Array(0)
  /** Times of the first and last event, epoch milliseconds, where these are kept. */
  first = new Float64Array(0)
  last = new Float64Array(0)
  readonly #keepsTimes: boolean
  /** Newest and oldest slot of each entity plus one. */
  #heads = new Int32Array(0)
  #tails = new Int32Array(0)
  /** Next newer slot of the same entity plus one: what expires is the oldest, and must not be searched for. */
  #newer = new Int32Array(0)
  readonly #byIndex = new Map<number, Listed>()
  #listed = 0

  constructor(shape: S, hash: KeyedHash, { keepsTimes, durable, keys }: TimedCellsOptions) {
    this.#keepsTimes = keepsTimes
    this.changes = new SlotChanges(durable)
    this.arena = new CellArena(shape, hash, keys)
  }

  get bytes(): number {
    return (
      this.arena.bytes +
      this.entity.length * (this.#keepsTimes ? 40 : 24) +
      this.#heads.byteLength * 2 +
      this.changes.bytes +
      this.#listed * 8
    )
  }

  /** Makes entities below `entities` usable. */
  reserve(entities: number): void {
    this.#heads = grown(this.#heads, entities)
    this.#tails = grown(this.#tails, entities)
  }

  /** Newest slot of an entity, or −1. */
  newest(entity: number): number {
    return (this.#heads[entity] as number) - 1
  }

  /** Oldest slot of an entity, or −1. */
  oldest(entity: number): number {
    return (this.#tails[entity] as number) - 1
  }

  /** The next older slot of the same entity, or −1. */
  older(slot: number): number {
    return (this.next[slot] as number) - 1
  }

  /** The entity's slot of an index, or −1. */
  find(entity: number, index: number): number {
    const { next } = this
    for (let slot = (this.#heads[entity] as number) - 1; slot >= 0; slot = (next[slot] as number) - 1) {
      const own = this.index[slot] as number
      if (own === index) return slot
      if (own < index) return -1
    }
    return -1
  }

  /** Opens the entity's slot of an index, which it must not have yet. */
  open(entity: number, index: number): number {
    const slot = this.arena.open()
    this.adopt(slot, entity, index)
    return slot
  }

  /** Gives a slot that was opened in the arena to an entity. */
  adopt(slot: number, entity: number, index: number): void {
    if (slot >= this.entity.length) this.#grow(slot + 1)
    this.entity[slot] = entity
    this.index[slot] = index
    this.events[slot] = 0
    if (this.#keepsTimes) {
      this.first[slot] = Number.POSITIVE_INFINITY
      this.last[slot] = Number.NEGATIVE_INFINITY
    }
    this.#link(slot, entity, index)
    const listed = this.#byIndex.get(index)
    if (listed) listed.slots.push(slot)
    else this.#byIndex.set(index, { slots: [slot], gone: 0 })
    this.#listed++
  }

  /** Takes a slot away from its entity and releases its cells. */
  remove(slot: number): void {
    const entity = this.entity[slot] as number
    const older = this.next[slot] as number
    const newer = this.#newer[slot] as number
    if (newer === 0) this.#heads[entity] = older
    else this.next[newer - 1] = older
    if (older === 0) this.#tails[entity] = newer
    else this.#newer[older - 1] = newer
    this.entity[slot] = -1
    this.arena.release(slot)
    this.#unlist(this.index[slot] as number)
  }

  /** Indices that have slots, ascending, from `from` on and below `below`. */
  indices(from: number, below: number): number[] {
    const found: number[] = []
    for (const index of this.#byIndex.keys()) if (index >= from && index < below) found.push(index)
    return found.sort((left, right) => left - right)
  }

  /** Slots of an index in the order of arrival; those given back since belong to nobody or to another index. */
  slotsOf(index: number): readonly number[] {
    return this.#byIndex.get(index)?.slots ?? []
  }

  /** Whether a slot of `slotsOf(index)` still is one. */
  isHeld(slot: number, index: number): boolean {
    return this.entity[slot] !== -1 && this.index[slot] === index
  }

  /** Has `remove` called for all slots at or before an index, which must remove them. */
  expire(last: number, remove: (slot: number) => void): void {
    for (const [index, { slots }] of this.#byIndex) {
      if (index > last) continue
      // Taken out first: the list of what goes altogether need not be kept short.
      this.#byIndex.delete(index)
      this.#listed -= slots.length
      for (const slot of slots) if (this.isHeld(slot, index)) remove(slot)
    }
  }

  /** A slot of an index is gone: the list is made anew once most of it is, so that it is no longer than what lives. */
  #unlist(index: number): void {
    const listed = this.#byIndex.get(index)
    if (!listed || ++listed.gone < goneMin || listed.gone * 2 < listed.slots.length) return
    const slots = [...new Set(listed.slots)].filter((slot) => this.isHeld(slot, index))
    this.#listed -= listed.slots.length - slots.length
    this.#byIndex.set(index, { slots, gone: 0 })
  }

  #link(slot: number, entity: number, index: number): void {
    let newer = 0
    let older = this.#heads[entity] as number
    while (older > 0 && (this.index[older - 1] as number) > index) {
      newer = older
      older = this.next[older - 1] as number
    }
    this.next[slot] = older
    this.#newer[slot] = newer
    if (newer === 0) this.#heads[entity] = slot + 1
    else this.next[newer - 1] = slot + 1
    if (older === 0) this.#tails[entity] = slot + 1
    else this.#newer[older - 1] = slot + 1
  }

  #grow(slots: number): void {
    this.entity = grown(this.entity, slots)
    this.index = grown(this.index, slots)
    this.next = grown(this.next, slots)
    this.#newer = grown(this.#newer, slots)
    this.events = grown(this.events, slots)
    if (!this.#keepsTimes) return
    this.first = grown(this.first, slots)
    this.last = grown(this.last, slots)
  }
}
