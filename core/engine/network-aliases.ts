import type { KeyedHash } from '../hash/keyed-hash.ts'

/** Texts remembered, a power of two: each has one place, and the newest takes it. */
const aliasesMax = 16_384

/** Texts that name a network without being its id, such as an address, each with the number of the entity. */
export class NetworkAliases {
  readonly #hash: KeyedHash
  readonly #texts: (string | undefined)[] = new Array(aliasesMax).fill(undefined)
  readonly #numbers = new Int32Array(aliasesMax)
  readonly #generations = new Uint32Array(aliasesMax)

  constructor(hash: KeyedHash) {
    this.#hash = hash
  }

  /** Number of the entity that the text named, if that still has the number; −1 for a text that is not known. */
  find(text: string, generations: Uint32Array): number {
    const place = this.#placeOf(text)
    if (this.#texts[place] !== text) return -1
    const number = this.#numbers[place] as number
    return generations[number] === this.#generations[place] ? number : -1
  }

  add(text: string, number: number, generation: number): void {
    const place = this.#placeOf(text)
    this.#texts[place] = text
    this.#numbers[place] = number
    this.#generations[place] = generation
  }

  #placeOf(text: string): number {
    return this.#hash(text) & (aliasesMax - 1)
  }
}
