import type { Cluster } from './cluster.ts'
import { heldText, type Unreadable } from './unreadable.ts'

/** Messages that can't be read, by partition of a topic. It outlives the work on them: one that met the message halfway has merged a part, and begins anew. */
export type HeldPartitions = Map<number, Unreadable>

export interface HoldingOptions {
  readonly cluster: Pick<Cluster, 'admin' | 'log'>
  readonly topic: string
  readonly partition: number
  readonly held: HeldPartitions
  /** Begins the work on the partition anew. */
  readonly fail: (error: unknown) => void
}

/** How often it is asked whether a message is still there, milliseconds. */
const askEveryMs = 10_000

/**
 * Stops the work before a message that can't be read. What it holds was told once and for all, so passing over it would lose
 * events or findings, and a dead letter of it would be of use to nobody: most often a newer process wrote it, and an update
 * reads it. A person may give it up, by Kafka's own tool.
 */
export class Holding {
  readonly #options: HoldingOptions
  #stopped: Unreadable | undefined
  #askedAt = 0

  constructor(options: HoldingOptions) {
    this.#options = options
  }

  /** Where it is, what that means, and what to do; absent while all can be read. */
  get text(): string | undefined {
    const { topic, partition } = this.#options
    return this.#stopped && heldText(topic, partition, this.#stopped)
  }

  /** Remembers a message that can't be read for the next try, which stops before it. Returns what to throw. */
  met(offset: number, error: unknown): Error {
    const { topic, partition, held } = this.#options
    const why = error instanceof Error ? error.message : String(error)
    held.set(partition, { offset, why })
    return new Error(`${topic}:${partition} at offset ${offset}: ${why}`)
  }

  /** Whether reading stops before this offset; told once. */
  stopsBefore(offset: number): boolean {
    const { cluster, topic, partition, held } = this.#options
    const known = held.get(partition)
    if (!known || offset < known.offset) return false
    this.#stopped = known
    cluster.log.error({ topic, partition }, this.text)
    return true
  }

  /** Goes on once the message was deleted. `now`: epoch milliseconds by the clock. */
  look(now: number): void {
    const { partition, held, fail } = this.#options
    const stopped = this.#stopped
    if (!stopped || now - this.#askedAt < askEveryMs) return
    this.#askedAt = now
    this.#isGivenUp(stopped).then(
      (isGivenUp) => {
        if (!isGivenUp) return
        held.delete(partition)
        fail(new Error(`the message at offset ${stopped.offset} was deleted`))
      },
      // A broker that is away is told of elsewhere.
      () => {},
    )
  }

  async #isGivenUp({ offset }: Unreadable): Promise<boolean> {
    const { cluster, topic, partition } = this.#options
    const ranges = await cluster.admin.fetchTopicOffsets(topic)
    return Number(ranges.find((range) => range.partition === partition)?.low ?? 0) > offset
  }
}
