import { grown } from '../aggregates/grown.ts'

/** Remembers which entities changed since the last commit; nothing when nothing is stored. */
export class Changes {
  readonly #durable: boolean
  #marks = new Uint8Array(0)
  #changed: number[] = []
  readonly #gone = new Set<string>()

  constructor(durable: boolean) {
    this.#durable = durable
  }

  /** Makes entities below `entities` usable. */
  reserve(entities: number): void {
    this.#marks = grown(this.#marks, entities)
  }

  changed(entity: number): void {
    if (!this.#durable || this.#marks[entity] === 1) return
    this.#marks[entity] = 1
    this.#changed.push(entity)
  }

  /** The entity is forgotten, and its number free for another one. */
  gone(entity: number, key: string): void {
    if (!this.#durable) return
    this.#marks[entity] = 0
    this.#gone.add(key)
  }

  /** Calls back for each that is gone, then for each that changed: one that came back is both. */
  drain(gone: (key: string) => void, changed: (entity: number) => void): void {
    for (const key of this.#gone) gone(key)
    this.#gone.clear()
    const list = this.#changed
    this.#changed = []
    for (const entity of list) {
      if (this.#marks[entity] !== 1) continue
      this.#marks[entity] = 0
      changed(entity)
    }
  }
}
