import type { Shape } from '../aggregates/aggregate.ts'
import { CellArena } from '../aggregates/cell-arena.ts'
import { grown } from '../aggregates/grown.ts'
import type { Keys } from '../aggregates/keys.ts'
import type { Records } from '../aggregates/records.ts'
import type { KeyedHash } from '../hash/keyed-hash.ts'
import { type PackBounds, PackLedger } from './pack-ledger.ts'
import { type Keeping, SlotChanges } from './slot-changes.ts'
import { SlotLists } from './slot-lists.ts'
import type { Steps } from './steps.ts'
import { UnreadCells } from './unread-cells.ts'

export interface TimedCellsOptions {
  readonly keepsTimes: boolean
  readonly keeping: Keeping
  readonly packBounds?: PackBounds | undefined
  readonly keys?: Keys
}

/**
 * Words of a slot's record: its owner plus one, its next older slot plus one, its events, its next newer slot plus one; for
 * what expires is the oldest, and must not be searched for.
 */
const [ownerAt, olderAt, eventsAt, newerAt] = [0, 1, 2, 3]
/** Floats of it: the index; the times of the first and last event, where these are kept. */
const [indexAt, firstAt, lastAt] = [2, 3, 4]
/** Words before the cells. */
const headWords = { timed: 10, untimed: 6 }

/**
 * Cells of entities by slices of event time: panes, or the slices of long memory. Each slot belongs to one entity and
 * one index (start ÷ length); an entity's slots are linked, newest first, and each index lists its slots.
 */
export class TimedCells<S extends Shape> {
  readonly arena: CellArena<S>
  readonly changes: SlotChanges
  readonly unread = new UnreadCells()
  readonly #records: Records
  readonly #keepsTimes: boolean
  /** Newest and oldest slot of each entity plus one. */
  #heads = new Int32Array(0)
  #tails = new Int32Array(0)
  readonly #lists = new SlotLists((slot, index) => this.isHeld(slot, index))

  constructor(shape: S, hash: KeyedHash, { keepsTimes, keeping, packBounds, keys }: TimedCellsOptions) {
    this.#keepsTimes = keepsTimes
    this.changes = new SlotChanges(keeping, new PackLedger(packBounds))
    this.arena = new CellArena(shape, hash, keys, keepsTimes ? headWords.timed : headWords.untimed)
    this.#records = this.arena.records
  }

  get bytes(): number {
    const beside = this.#heads.byteLength * 2 + this.#lists.length * 8
    return this.arena.bytes + this.changes.bytes + this.unread.bytes + beside
  }

  /** Owner of a slot; −1 while it is free. */
  entityOf(slot: number): number {
    const { words, stride } = this.#records
    return (words[slot * stride + ownerAt] as number) - 1
  }

  indexOf(slot: number): number {
    const { floats, stride } = this.#records
    return floats[slot * (stride >> 1) + indexAt] as number
  }

  /** How many events there were. */
  eventsOf(slot: number): number {
    const { words, stride } = this.#records
    return words[slot * stride + eventsAt] as number
  }

  /** Time of the first event, epoch milliseconds, where it is kept. */
  firstOf(slot: number): number {
    const { floats, stride } = this.#records
    return floats[slot * (stride >> 1) + firstAt] as number
  }

  /** Time of the last event, epoch milliseconds, where it is kept. */
  lastOf(slot: number): number {
    const { floats, stride } = this.#records
    return floats[slot * (stride >> 1) + lastAt] as number
  }

  /** Counts an event, whose time is kept. */
  count(slot: number, time: number): void {
    const { words, floats, stride } = this.#records
    const at = slot * stride
    const half = at >> 1
    words[at + eventsAt] = (words[at + eventsAt] as number) + 1
    if (time < (floats[half + firstAt] as number)) floats[half + firstAt] = time
    if (time > (floats[half + lastAt] as number)) floats[half + lastAt] = time
  }

  addEvents(slot: number, events: number): void {
    const { words, stride } = this.#records
    const at = slot * stride + eventsAt
    words[at] = (words[at] as number) + events
  }

  /** Sets the times of the first and last event. */
  setTimes(slot: number, first: number, last: number): void {
    const { floats, stride } = this.#records
    const half = slot * (stride >> 1)
    floats[half + firstAt] = first
    floats[half + lastAt] = last
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
    const { words, stride } = this.#records
    return (words[slot * stride + olderAt] as number) - 1
  }

  /** The entity's slot of an index, or −1. */
  find(entity: number, index: number): number {
    for (let slot = this.newest(entity); slot >= 0; slot = this.older(slot)) {
      const own = this.indexOf(slot)
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
    const { words, floats, stride } = this.#records
    words[slot * stride + ownerAt] = entity + 1
    words[slot * stride + eventsAt] = 0
    floats[slot * (stride >> 1) + indexAt] = index
    if (this.#keepsTimes) this.setTimes(slot, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)
    this.#link(slot, entity, index)
    this.#lists.add(index, slot)
  }

  /** Takes a slot away from its entity and releases its cells. */
  remove(slot: number): void {
    const entity = this.entityOf(slot)
    const { words, stride } = this.#records
    const [newer, older] = [(words[slot * stride + newerAt] as number) - 1, this.older(slot)]
    this.#join(entity, newer, older)
    words[slot * stride + ownerAt] = 0
    this.unread.forget(slot)
    this.arena.release(slot)
    this.#lists.remove(this.indexOf(slot))
  }

  /** Indices that have slots, ascending, from `from` on and below `below`. */
  indices(from: number, below: number): number[] {
    return this.#lists.indices(from, below)
  }

  /** Slots of an index in the order of arrival; those given back since belong to nobody or to another index. */
  slotsOf(index: number): readonly number[] {
    return this.#lists.of(index)
  }

  /** After the last restored slot, of which some took the place of others: each is listed once. */
  restored(): void {
    this.#lists.tidy()
    this.unread.ended()
  }

  /** Whether a slot of `slotsOf(index)` still is one. */
  isHeld(slot: number, index: number): boolean {
    return this.entityOf(slot) >= 0 && this.indexOf(slot) === index
  }

  /** Has `remove` called for all slots at or before an index, which must remove them. */
  expiring(last: number, remove: (slot: number) => void): Steps {
    return this.#lists.expiring(last, remove)
  }

  #link(slot: number, entity: number, index: number): void {
    let newer = -1
    let older = this.newest(entity)
    while (older >= 0 && this.indexOf(older) > index) {
      newer = older
      older = this.older(older)
    }
    this.#join(entity, newer, slot)
    this.#join(entity, slot, older)
  }

  /** Makes two slots neighbours; −1 is the end of the entity's list. */
  #join(entity: number, newer: number, older: number): void {
    const { words, stride } = this.#records
    if (newer < 0) this.#heads[entity] = older + 1
    else words[newer * stride + olderAt] = older + 1
    if (older < 0) this.#tails[entity] = newer + 1
    else words[older * stride + newerAt] = newer + 1
  }
}
