import type { TopicConsumer } from './topic-consumer.ts'

/** Which topics the consumer is joined for, over those that come and go. */
export class Subscription {
  readonly #consumer: TopicConsumer
  readonly #onNotice: (text: string) => void
  #topics: readonly string[] = []
  /** Not there when last looked. A broker that has just started may not know all topics, so one look is not enough. */
  #absent: readonly string[] = []
  #isJoined = true

  constructor(consumer: TopicConsumer, onNotice: (text: string) => void) {
    this.#consumer = consumer
    this.#onNotice = onNotice
  }

  async open(topics: readonly string[]): Promise<void> {
    this.#topics = topics
    if (topics.length > 0) await this.#consumer.subscribe(topics)
    else this.#onNotice('no topic matches yet; looking on')
  }

  has(topic: string): boolean {
    return this.#topics.includes(topic)
  }

  /** Joins for the topics that there are now. Throws when it can't; the next call tries again. */
  async follow({ topics }: { readonly topics: readonly string[] }): Promise<void> {
    const absent = this.#topics.filter((topic) => !topics.includes(topic))
    const gone = absent.filter((topic) => this.#absent.includes(topic))
    const found = topics.filter((topic) => !this.has(topic))
    this.#absent = absent
    if (gone.length === 0 && found.length === 0 && this.#isJoined) return
    if (found.length > 0) this.#onNotice(`found ${namesOf(found)}; reading from the start`)
    if (gone.length > 0)
      this.#onNotice(`${namesOf(gone)} is gone from Kafka: nothing is read of it until it is there again`)
    this.#topics = [...this.#topics.filter((topic) => !gone.includes(topic)), ...found]
    this.#isJoined = false
    await this.#consumer.subscribe(this.#topics)
    this.#isJoined = true
  }

  async close(): Promise<void> {
    await this.#consumer.close()
  }
}

function namesOf(topics: readonly string[]): string {
  return topics.map((topic) => `topic '${topic}'`).join(', ')
}
