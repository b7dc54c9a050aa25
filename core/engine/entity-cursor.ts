import type { Shape } from '../aggregates/aggregate.ts'
import { ByteReader } from '../aggregates/byte-reader.ts'
import type { EntityIndex } from './entity-index.ts'
import { PackCursor, type PartOfEntity } from './pack-cursor.ts'
import type { TimedCells } from './timed-cells.ts'

/** Records whose entities are looked up together. */
const togetherMax = 32

/** What is looked up: entities, and their parts of the kind that the pack holds. */
export interface LookedUp {
  readonly index: EntityIndex
  readonly cells: TimedCells<Shape>
}

/**
 * Goes through the records of a pack as `PackCursor` does, and before looks at the entities of many together. To find one
 * takes a few reads, each of what the one before names, of memory that nobody touched for long; those of many entities are waited
 * for at once (group prefetching: Chen, Ailamaki, Gibbons and Mowry, "Improving hash join performance through prefetching", 2007).
 */
export class EntityCursor {
  readonly #lookedUp: LookedUp
  readonly #cursor: PackCursor
  readonly #reader: ByteReader
  /** Of the records that were looked at together. */
  readonly #parts: (PartOfEntity | undefined)[] = []
  readonly #hashes = new Int32Array(togetherMax)
  readonly #starts = new Int32Array(togetherMax)
  readonly #ends = new Int32Array(togetherMax)
  readonly #found = new Int32Array(togetherMax)
  #at = -1
  /** What is not used is not read. */
  #seen = 0

  constructor(pack: ConstructorParameters<typeof PackCursor>[0], lookedUp: LookedUp) {
    this.#lookedUp = lookedUp
    this.#cursor = new PackCursor(pack)
    this.#reader = new ByteReader(pack.bytes)
  }

  /** As `PackCursor.next`. */
  next(): boolean {
    if (++this.#at === this.#parts.length) this.#lookAhead()
    return this.#at < this.#parts.length
  }

  /** As `PackCursor.part`. */
  get part(): PartOfEntity | undefined {
    return this.#parts[this.#at]
  }

  /** `EntityIndex.hash` of the record's entity, where it has a part. */
  get hash(): number {
    return this.#hashes[this.#at] as number
  }

  /** As `PackCursor.reader`. */
  get reader(): ByteReader | undefined {
    const end = this.#ends[this.#at] as number
    if (end < 0) return undefined
    this.#reader.within(this.#starts[this.#at] as number, end)
    return this.#reader
  }

  #lookAhead(): void {
    const [parts, hashes, found] = [this.#parts, this.#hashes, this.#found]
    const { index, cells } = this.#lookedUp
    this.#at = 0
    parts.length = 0
    while (parts.length < togetherMax && this.#cursor.next()) {
      const { part, start, end } = this.#cursor
      if (part) hashes[parts.length] = index.hashOnce(part.kind, part.id)
      this.#starts[parts.length] = start
      this.#ends[parts.length] = end
      parts.push(part)
    }
    const { length } = parts
    for (let at = 0; at < length; at++) found[at] = index.likely(hashes[at] as number)
    for (let at = 0; at < length; at++) {
      const entity = found[at] as number
      if (entity < 0) continue
      this.#seen ^= index.idOf(entity).length
      found[at] = cells.newest(entity)
    }
    for (let at = 0; at < length; at++) {
      const slot = found[at] as number
      if (slot >= 0) this.#seen ^= cells.eventsOf(slot)
    }
  }
}
