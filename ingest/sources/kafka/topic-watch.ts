import type { TopicChoice } from './chosen-topics.ts'
import type { KeptAdmin } from './kept-admin.ts'
import { fetchChosenRanges, type OffsetRanges } from './topic-offsets.ts'

export interface TopicWatchOptions {
  readonly admin: KeptAdmin
  readonly topics: readonly TopicChoice[]
  readonly everyMs: number
  /** Called before the brokers are asked; what it returns is handed on. */
  readonly before: () => ReadonlyMap<string, number>
  readonly onSeen: (seen: SeenTopics) => Promise<void> | void
  readonly onError: (error: unknown) => void
}

/** What there was to read when the brokers were asked. */
export interface SeenTopics {
  readonly topics: readonly string[]
  /** Named, and not there. */
  readonly missing: readonly string[]
  readonly ranges: OffsetRanges
  /** Positions before the brokers were asked. */
  readonly positions: ReadonlyMap<string, number>
}

/** Asks again and again which topics there are, and how far they reach. */
export class TopicWatch {
  readonly #options: TopicWatchOptions
  #timer: NodeJS.Timeout | undefined
  #isLooking = false

  constructor(options: TopicWatchOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#look().catch(this.#options.onError)
    }, this.#options.everyMs)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      const positions = this.#options.before()
      const seen = await this.#options.admin.ask((admin) => fetchChosenRanges(admin, this.#options.topics))
      if (this.#timer) await this.#options.onSeen({ ...seen, positions })
    } finally {
      this.#isLooking = false
    }
  }
}
