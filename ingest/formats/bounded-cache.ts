/**
 * A cache of at most `2 × sizeMax` entries in two generations: what was used since the last turn survives the next
 * one. It costs one map operation a hit, and an attacker who fills it only makes it turn faster.
 */
export class BoundedCache<Value> {
  readonly #sizeMax: number
  #recent = new Map<string, Value>()
  #older = new Map<string, Value>()

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax
  }

  /** The kept value; one from the older generation counts as used again. */
  get(key: string): Value | undefined {
    const value = this.#recent.get(key)
    if (value !== undefined) return value
    const old = this.#older.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: string, value: Value): void {
    if (this.#recent.size >= this.#sizeMax) {
      this.#older = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(key, value)
  }

  /** Entries held, both generations. */
  get size(): number {
    return this.#recent.size + this.#older.size
  }
}
