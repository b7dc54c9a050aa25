const various = Symbol('various')

/**
 * Which entities showed but one text of sameness so far: all that they did says nothing together. It only ever spares
 * work, so it need not be exact after a restart: a restored entity counts as various.
 */
export class Sameness {
  readonly #texts: (string | typeof various | undefined)[] = []

  /** The empty text fits every other. */
  note(entity: number, text: string): void {
    if (text === '') return
    const known = this.#texts[entity]
    if (known === text) return
    this.#texts[entity] = known === undefined ? text : various
  }

  vary(entity: number): void {
    this.#texts[entity] = various
  }

  varies(entity: number): boolean {
    return this.#texts[entity] === various
  }

  /** The number stands for a new entity. */
  forget(entity: number): void {
    this.#texts[entity] = undefined
  }
}
