import { grown } from '../aggregates/grown.ts'
import { canonicalId } from '../entity/canonical-id.ts'
import { type Entity, type EntityKind, entityKinds } from '../entity/entity.ts'
import { HashPlaces } from '../hash/hash-places.ts'
import type { KeyedHash } from '../hash/keyed-hash.ts'
import { NetworkAliases } from './network-aliases.ts'

/** Longer texts are no addresses. */
const aliasLengthMax = 64
/** Sets the same id of another kind apart. */
const spread = 0x9e3779b1

const codes = Object.fromEntries(entityKinds.map((kind, code) => [kind, code])) as Record<EntityKind, number>

/** Numbers for entities: what names one is looked up once for each event, everything else is found by number. */
export class EntityIndex {
  readonly #hash: KeyedHash
  readonly #places = new HashPlaces()
  /** Empty for a number that is free. */
  readonly #ids: string[] = []
  #kinds = new Uint8Array(0)
  readonly #free: number[] = []
  #aliases: NetworkAliases | undefined
  /** How often a number was given: an alias of its last owner is no alias any more. */
  #generations = new Uint32Array(0)

  constructor(hash: KeyedHash) {
    this.#hash = hash
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
    return this.#ids.length * 64 + this.#places.bytes + this.#free.length * 8
  }

  /** Number of the entity with this canonical id. */
  get(kind: EntityKind, id: string): number | undefined {
    const code = codes[kind]
    const hash = this.#hashOf(code, id)
    const places = this.#places
    for (let place = places.start(hash); ; place = places.after(place)) {
      const number = places.at(place)
      if (number < 0) return undefined
      if (!places.has(place, hash)) continue
      if (this.#ids[number] === id && this.#kinds[number] === code) return number
    }
  }

  /**
   * Number of the entity that a text names. A text that is known as an id is canonical, because making it so again
   * changes nothing.
   */
  find(kind: EntityKind, text: string): number | undefined {
    return kind === 'network' ? this.#findNetwork(text) : (this.get(kind, text) ?? this.#findId(kind, text))
  }

  #findId(kind: EntityKind, text: string): number | undefined {
    const id = canonicalId(kind, text)
    return id === undefined || id === text ? undefined : this.get(kind, id)
  }

  /** Networks are named by addresses, which never are their ids. */
  #findNetwork(text: string): number | undefined {
    this.#aliases ??= new NetworkAliases(this.#hash)
    const known = this.#aliases.find(text, this.#generations)
    if (known >= 0) return known
    const id = canonicalId('network', text)
    const number = id === undefined ? undefined : this.get('network', id)
    if (number !== undefined && text.length <= aliasLengthMax) {
      this.#aliases.add(text, number, this.#generations[number] as number)
    }
    return number
  }

  /** Numbers a new entity. */
  add(kind: EntityKind, id: string): number {
    const number = this.#free.pop() ?? this.#ids.length
    this.#kinds = grown(this.#kinds, number + 1)
    this.#generations = grown(this.#generations, number + 1)
    const code = codes[kind]
    this.#ids[number] = id
    this.#kinds[number] = code
    this.#places.add(number, this.#hashOf(code, id))
    return number
  }

  delete(number: number): void {
    this.#places.remove(number, this.#hashOf(this.#kinds[number] as number, this.#ids[number] as string))
    this.#ids[number] = ''
    this.#generations[number] = (this.#generations[number] as number) + 1
    this.#free.push(number)
  }

  entity(number: number): Entity {
    return { kind: this.kindOf(number), id: this.#ids[number] as string }
  }

  /** `entityKey` of an entity. */
  key(number: number): string {
    return `${this.kindOf(number)}:${this.#ids[number]}`
  }

  /** Kind of an entity. */
  kindOf(number: number): EntityKind {
    return entityKinds[this.#kinds[number] as number] as EntityKind
  }

  #hashOf(code: number, id: string): number {
    return (this.#hash(id) ^ Math.imul(code, spread)) | 0
  }
}
