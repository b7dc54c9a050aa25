import { grown } from '../aggregates/grown.ts'
import { canonicalId } from '../entity/canonical-id.ts'
import { type Entity, type EntityKind, entityKinds } from '../entity/entity.ts'

/** More entities than a detector could hold; codes of aliases count generations in steps of it. */
const numbersMax = 2 ** 32
/** Codes stay below 2^53. */
const generationsMax = 2 ** 21
const aliasesMax = 50_000
/** Longer texts are no addresses. */
const aliasLengthMax = 64

/** Numbers for entities: what names one is looked up once for each event, everything else is found by number. */
export class EntityIndex {
  readonly #byId = Object.fromEntries(entityKinds.map((kind) => [kind, new Map<string, number>()])) as Record<
    EntityKind,
    Map<string, number>
  >
  /** Texts that name an entity without being its id, such as the address of a network, with `#codeOf` its number. */
  readonly #aliases = new Map<string, number>()
  /** How often a number was given: an alias of its last owner is no alias any more. */
  #generations = new Uint32Array(0)
  readonly #ids: string[] = []
  readonly #kinds: EntityKind[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#ids.length - this.#free.length
  }

  /** All numbers are below it. */
  get capacity(): number {
    return this.#ids.length
  }

  /** Number of the entity with this canonical id. */
  get(kind: EntityKind, id: string): number | undefined {
    return this.#byId[kind].get(id)
  }

  /**
   * Number of the entity that a text names. A text that is known as an id is canonical, because making it so again
   * changes nothing.
   */
  find(kind: EntityKind, text: string): number | undefined {
    return kind === 'network'
      ? this.#findNetwork(text)
      : (this.#byId[kind].get(text) ?? this.#findId(kind, text))
  }

  #findId(kind: EntityKind, text: string): number | undefined {
    const id = canonicalId(kind, text)
    return id === undefined || id === text ? undefined : this.#byId[kind].get(id)
  }

  /** Networks are named by addresses, which never are their ids. */
  #findNetwork(text: string): number | undefined {
    const code = this.#aliases.get(text)
    if (code !== undefined) {
      const number = code % numbersMax
      if (this.#generations[number] === Math.floor(code / numbersMax)) return number
    }
    const id = canonicalId('network', text)
    const number = id === undefined ? undefined : this.#byId.network.get(id)
    if (number === undefined || text.length > aliasLengthMax) return number
    if (this.#aliases.size >= aliasesMax) this.#aliases.clear()
    this.#aliases.set(text, (this.#generations[number] as number) * numbersMax + number)
    return number
  }

  /** Numbers a new entity. */
  add(kind: EntityKind, id: string): number {
    let number = this.#free.pop()
    if (number === undefined) {
      number = this.#ids.length
      this.#ids.push(id)
      this.#kinds.push(kind)
      this.#generations = grown(this.#generations, this.#ids.length)
    } else {
      this.#ids[number] = id
      this.#kinds[number] = kind
    }
    this.#byId[kind].set(id, number)
    return number
  }

  delete(number: number): void {
    this.#byId[this.#kinds[number] as EntityKind].delete(this.#ids[number] as string)
    this.#ids[number] = ''
    this.#generations[number] = ((this.#generations[number] as number) + 1) % generationsMax
    this.#free.push(number)
  }

  entity(number: number): Entity {
    return { kind: this.#kinds[number] as EntityKind, id: this.#ids[number] as string }
  }

  /** `entityKey` of an entity. */
  key(number: number): string {
    return `${this.#kinds[number]}:${this.#ids[number]}`
  }
}
