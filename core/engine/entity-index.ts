import { grown } from '../aggregates/grown.ts'
import { canonicalId } from '../entity/canonical-id.ts'
import { type Entity, type EntityKind, entityKinds } from '../entity/entity.ts'
import { HashPlaces } from '../hash/hash-places.ts'
import type { KeyedHash } from '../hash/keyed-hash.ts'
import { HintedEntities, homeOf } from './hinted-entities.ts'

/** Longer texts are not kept beside their ids: an attacker chooses how much memory they take. */
const textLengthMax = 128
/** Sets the same id of another kind apart. */
const spread = 0x9e3779b1

const homes = Int32Array.from(entityKinds, homeOf)

/** Numbers for entities: what names one is looked up once for each event, everything else is found by number. */
export class EntityIndex {
  readonly #hash: KeyedHash
  readonly #hashOnce: KeyedHash
  readonly #places = new HashPlaces()
  /** Empty for a number that is free. */
  readonly #ids: string[] = []
  #kinds = new Uint8Array(0)
  #hashes = new Int32Array(0)
  readonly #free: number[] = []
  readonly #hinted = entityKinds.map(() => new HintedEntities())
  /** How often a number was given: what named its last owner does not name it any more. */
  #generations = new Uint32Array(0)

  /** `hashOnce` is the same hash for texts that come once. */
  constructor(hash: KeyedHash, hashOnce = hash) {
    this.#hash = hash
    this.#hashOnce = hashOnce
  }

  get size(): number {
    return this.#ids.length - this.#free.length
  }

  /** All numbers are below it. */
  get capacity(): number {
    return this.#ids.length
  }

  /** Memory held, about, the ids with it. */
  get bytes(): number {
    const hinted = this.#hinted.reduce((sum, { bytes }) => sum + bytes, 0)
    return (
      this.#ids.length * 64 + this.#hashes.byteLength + this.#places.bytes + hinted + this.#free.length * 8
    )
  }

  /** Keyed hash of an entity, 32 bits. */
  hash(kind: EntityKind, id: string): number {
    return (this.#hash(id) ^ Math.imul(codeOf(kind), spread)) | 0
  }

  /** `hash` of an entity that comes once among many. */
  hashOnce(kind: EntityKind, id: string): number {
    return (this.#hashOnce(id) ^ Math.imul(codeOf(kind), spread)) | 0
  }

  /** A number that an entity with this hash may have, which a closer look must tell; −1 for none. */
  likely(hash: number): number {
    return this.#places.at(this.#places.start(hash))
  }

  /** Number of the entity with this canonical id. */
  get(kind: EntityKind, id: string, hash = this.hash(kind, id)): number | undefined {
    const code = codeOf(kind)
    const places = this.#places
    for (let place = places.start(hash); ; place = places.after(place)) {
      const number = places.at(place)
      if (number < 0) return undefined
      if (!places.has(place, hash)) continue
      if (this.#ids[number] === id && this.#kinds[number] === code) return number
    }
  }

  /** Number of the entity that a text names. With `EventRecord.hints` of its event a text that came before costs next to nothing. */
  find(kind: EntityKind, text: string, hints: Int32Array): number | undefined {
    const code = codeOf(kind)
    const home = homes[code] as number
    // Without a hint it is the last text of the kind that is known: some come with every event.
    const hint = home < 0 ? 0 : (hints[home] as number)
    const hinted = this.#hinted[code] as HintedEntities
    const known = hinted.find(hint, text, this.#generations)
    if (known >= 0) return known
    const number = this.#findText(kind, text)
    if (number !== undefined && text.length <= textLengthMax) {
      hinted.set(hint, text, number, this.#generations[number] as number)
    }
    return number
  }

  /**
   * A text that is known as an id is canonical, because making it so again changes nothing. Networks are named by addresses,
   * which never are their ids.
   */
  #findText(kind: EntityKind, text: string): number | undefined {
    const known = kind === 'network' ? undefined : this.get(kind, text)
    if (known !== undefined) return known
    const id = canonicalId(kind, text)
    return id === undefined || id === text ? undefined : this.get(kind, id)
  }

  /** Numbers a new entity. */
  add(kind: EntityKind, id: string, hash: number): number {
    const number = this.#free.pop() ?? this.#ids.length
    this.#kinds = grown(this.#kinds, number + 1)
    this.#hashes = grown(this.#hashes, number + 1)
    this.#generations = grown(this.#generations, number + 1)
    this.#ids[number] = id
    this.#kinds[number] = codeOf(kind)
    this.#hashes[number] = hash
    this.#places.add(number, hash)
    return number
  }

  delete(number: number): void {
    this.#places.remove(number, this.hashOf(number))
    this.#ids[number] = ''
    this.#generations[number] = (this.#generations[number] as number) + 1
    this.#free.push(number)
  }

  clear(): void {
    for (let number = 0; number < this.#ids.length; number++)
      if (this.#ids[number] !== '') this.delete(number)
  }

  entity(number: number): Entity {
    return { kind: this.kindOf(number), id: this.#ids[number] as string }
  }

  /** Canonical id of an entity. */
  idOf(number: number): string {
    return this.#ids[number] as string
  }

  /** `entityKey` of an entity. */
  key(number: number): string {
    return `${this.kindOf(number)}:${this.#ids[number]}`
  }

  /** Kind of an entity. */
  kindOf(number: number): EntityKind {
    return entityKinds[this.#kinds[number] as number] as EntityKind
  }

  /** `hash` of an entity. */
  hashOf(number: number): number {
    return this.#hashes[number] as number
  }
}

/**
 * Place of a kind among all; to look it up in an object by a name that differs each time takes longer. Throws `RangeError` for a
 * kind of another version, which a stored finding may be about.
 */
function codeOf(kind: EntityKind): number {
  for (let code = 0; code < entityKinds.length; code++) if (entityKinds[code] === kind) return code
  throw new RangeError(`this version knows no entities of kind '${String(kind).slice(0, 40)}'`)
}
