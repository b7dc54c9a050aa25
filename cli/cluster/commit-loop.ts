/** Commits one after the other: who asks while one is under way gets another one after it. */
export class CommitLoop {
  readonly #commit: () => Promise<void>
  readonly #fail: (error: unknown) => void
  #running: Promise<void> | undefined
  #isWanted = false
  #isClosed = false

  /** `commit` takes what it commits before it first waits. */
  constructor(commit: () => Promise<void>, fail: (error: unknown) => void) {
    this.#commit = commit
    this.#fail = fail
  }

  get isBusy(): boolean {
    return this.#running !== undefined
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
        await this.#commit()
      }
    } catch (error) {
      this.#isClosed = true
      this.#fail(error)
    } finally {
      this.#running = undefined
    }
  }
}
