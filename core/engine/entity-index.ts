import { canonicalId } from '../entity/canonical-id.ts'
import { type Entity, type EntityKind, entityKinds } from '../entity/entity.ts'

/** Numbers for entities: what names one is looked up once for each event, everything else is found by number. */
export class EntityIndex {
  readonly #byId = Object.fromEntries(entityKinds.map((kind) => [kind, new Map<string, number>()])) as Record<
    EntityKind,
    Map<string, number>
  >
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
   * Number of the entity that a text names, whose canonical id is `idOf(kind, text)` when it has none yet. A text that
   * is known as an id is canonical, because making it so again changes nothing.
   */
  find(kind: EntityKind, text: string): number | undefined {
    const byId = this.#byId[kind]
    const found = byId.get(text)
    if (found !== undefined) return found
    const id = canonicalId(kind, text)
    return id === undefined || id === text ? undefined : byId.get(id)
  }

  /** Numbers a new entity. */
  add(kind: EntityKind, id: string): number {
    let number = this.#free.pop()
    if (number === undefined) {
      number = this.#ids.length
      this.#ids.push(id)
      this.#kinds.push(kind)
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
