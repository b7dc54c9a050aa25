/** What one of several iterators gave: its next value, or that it is done. */
export interface Arrival<Value> {
  readonly index: number
  readonly result: IteratorResult<Value, unknown>
}

/**
 * Asks several async iterators and collects what arrives. `Promise.race` over the same pending promises would
 * leave a reaction on each of them at every turn, so a quiet partition beside a busy one would grow without bound.
 */
export class Arrivals<Value> {
  readonly #iterators: AsyncIterator<Value>[]
  readonly #asked = new Set<number>()
  #arrived: Arrival<Value>[] = []
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined

  constructor(iterables: readonly AsyncIterable<Value>[]) {
    this.#iterators = iterables.map((iterable) => iterable[Symbol.asyncIterator]())
  }

  get asked(): number {
    return this.#asked.size
  }

  /** Asks one iterator for its next value; only once until that has arrived. */
  ask(index: number): void {
    const iterator = this.#iterators[index]
    if (!iterator || this.#asked.has(index)) return
    this.#asked.add(index)
    iterator.next().then(
      (result) => {
        this.#asked.delete(index)
        this.#arrived.push({ index, result })
        this.#wake?.()
      },
      (error: unknown) => {
        this.#asked.delete(index)
        this.#failure ??= { error }
        this.#wake?.()
      },
    )
  }

  /** What has arrived since the last call. Throws an iterator's error after everything that arrived before it. */
  take(): Arrival<Value>[] {
    const arrived = this.#arrived
    if (arrived.length === 0 && this.#failure) throw this.#failure.error
    this.#arrived = []
    return arrived
  }

  /** Resolves when `take` has something. */
  async wait(): Promise<void> {
    if (this.#arrived.length > 0 || this.#failure) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = undefined
  }

  /** Closes all iterators. One that was asked may answer late or never, so nobody waits for those. */
  async close(): Promise<void> {
    const closing = this.#iterators.map(async (iterator, index) => {
      const closed = iterator.return?.().catch(() => {})
      if (!this.#asked.has(index)) await closed
    })
    await Promise.all(closing)
  }
}
