/** What the watch asks and tells. */
export interface IdleWatchOptions {
  readonly idleMs: number
  /** Records wait for the reader: then silence says nothing about the topic. */
  readonly isBlocked: () => boolean
  /** Whether the broker has nothing behind our position. */
  readonly isCaughtUp: (partition: string) => Promise<boolean>
  readonly onIdle: (partition: string) => void
  readonly onError: (error: unknown) => void
}

/**
 * Finds partitions without messages for the idle time. Silence alone may also mean that another partition's
 * messages fill every fetch, and a partition called idle wrongly makes its events late: so the broker is asked.
 */
export class IdleWatch {
  readonly #options: IdleWatchOptions
  readonly #quietSince = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #isChecking = false

  constructor(options: IdleWatchOptions) {
    this.#options = options
  }

  start(): void {
    const everyMs = Math.max(10, Math.min(1000, this.#options.idleMs / 4))
    this.#timer = setInterval(() => {
      this.#check().catch(this.#options.onError)
    }, everyMs)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#quietSince.clear()
  }

  /** Watches these from now on, and no others. */
  watch(partitions: readonly string[]): void {
    this.#quietSince.clear()
    for (const partition of partitions) this.active(partition)
  }

  /** The partition gave records. */
  active(partition: string): void {
    this.#quietSince.set(partition, performance.now())
  }

  forget(partition: string): void {
    this.#quietSince.delete(partition)
  }

  async #check(): Promise<void> {
    if (this.#isChecking) return
    const now = performance.now()
    if (this.#options.isBlocked()) {
      for (const partition of this.#quietSince.keys()) this.#quietSince.set(partition, now)
      return
    }
    this.#isChecking = true
    try {
      for (const [partition, since] of [...this.#quietSince]) {
        if (now - since < this.#options.idleMs) continue
        const isCaughtUp = await this.#options.isCaughtUp(partition)
        if (this.#quietSince.get(partition) !== since) continue
        if (isCaughtUp && !this.#options.isBlocked()) {
          this.#quietSince.delete(partition)
          this.#options.onIdle(partition)
        } else {
          this.active(partition)
        }
      }
    } finally {
      this.#isChecking = false
    }
  }
}
