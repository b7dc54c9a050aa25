import { grown } from '../aggregates/grown.ts'

/** What is known of an entity: nothing, one text, that there were several. */
const [nothing, one, various] = [0, 1, 2] as const

/**
 * Which entities showed but one text of sameness so far: all that they did says nothing together. It only ever spares
 * work, so it need not be exact after a restart: a restored entity counts as various.
 */
export class Sameness {
  #known = new Uint8Array(0)
  /** The text of each entity that showed one. */
  readonly #texts: string[] = []

  /** The empty text fits every other. */
  note(entity: number, text: string): void {
    if (text === '') return
    const known = this.#known[entity] ?? nothing
    if (known === various || (known === one && this.#texts[entity] === text)) return
    this.#set(entity, known === one ? various : one)
    while (this.#texts.length < entity) this.#texts.push('')
    this.#texts[entity] = known === one ? '' : text
  }

  vary(entity: number): void {
    if (this.#known[entity] !== various) this.#set(entity, various)
  }

  varies(entity: number): boolean {
    return this.#known[entity] === various
  }

  /** The number stands for a new entity. */
  forget(entity: number): void {
    if (entity < this.#known.length) this.#known[entity] = nothing
  }

  #set(entity: number, known: typeof one | typeof various): void {
    this.#known = grown(this.#known, entity + 1)
    this.#known[entity] = known
  }
}
