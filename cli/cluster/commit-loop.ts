/** Commits one after the other: who asks while one is under way gets another one after it. */
export class CommitLoop {
  readonly #commit: () => Promise<void>
  readonly #fail: (error: unknown) => void
  readonly #onCommitted: (ms: number) => void
  #running: Promise<void> | undefined
  #isWanted = false
  #isClosed = false

  /** `commit` takes what was there when it was called, or later. `onCommitted` hears how long each took. */
  constructor(
    commit: () => Promise<void>,
    fail: (error: unknown) => void,
    onCommitted: (ms: number) => void = () => {},
  ) {
    this.#onCommitted = onCommitted
    this.#commit = commit
    this.#fail = fail
  }

  get isBusy(): boolean {
    return this.#running !== undefined
  }

  /** Nothing is committed any more. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  request(): void {
    if (this.#isClosed) return
    this.#isWanted = true
    this.#running ??= this.#run()
  }

  /** Resolves when what was there at the call is committed, or failed. */
  async settled(): Promise<void> {
    this.request()
    while (this.#running) await this.#running
  }

  /** Lets the commit under way end and begins none. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#isWanted = false
    await this.#running
  }

  async #run(): Promise<void> {
    try {
      while (this.#isWanted) {
        this.#isWanted = false
        const begun = performance.now()
        await this.#commit()
        this.#onCommitted(performance.now() - begun)
      }
    } catch (error) {
      this.#isClosed = true
      this.#fail(error)
    } finally {
      this.#running = undefined
    }
  }
}
