import { randomUUID } from 'node:crypto'
import type { Admin, Kafka, KafkaMessage } from 'kafkajs'
import { readGroup } from './group-reader.ts'
import type { PartitionBatch, PartitionWork } from './partition-work.ts'

export interface ReadToEndOptions {
  readonly kafka: Kafka
  readonly admin: Admin
  /** Of one partition. */
  readonly topic: string
  /** Begins the name of the group, which is gone afterwards. */
  readonly prefix: string
  readonly sessionMs: number
  take(messages: readonly KafkaMessage[]): void
}

/** Reads everything that is committed in a topic of one partition when it is called. */
export async function readToEnd(options: ReadToEndOptions): Promise<void> {
  const { kafka, admin, topic, prefix, sessionMs, take } = options
  const [range] = await admin.fetchTopicOffsets(topic)
  const until = Number(range?.high ?? 0)
  const end = new AbortController()
  const work = new UntilOffset(topic, Number(range?.low ?? 0), until, take, () => end.abort())
  if (work.isAtEnd) return
  await readGroup({
    kafka,
    group: `${prefix}.once.${randomUUID()}`,
    topics: [topic],
    sessionMs,
    signal: end.signal,
    onNotice: () => {},
    placeOf: () => topic,
    open: async () => work,
  })
}

class UntilOffset implements PartitionWork {
  readonly #topic: string
  readonly #until: number
  readonly #take: ReadToEndOptions['take']
  readonly #ended: () => void
  #next: number

  constructor(topic: string, from: number, until: number, take: ReadToEndOptions['take'], ended: () => void) {
    this.#topic = topic
    this.#next = from
    this.#until = until
    this.#take = take
    this.#ended = ended
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#until
  }

  get reading(): ReadonlyMap<string, number> {
    return new Map([[this.#topic, this.#next]])
  }

  async take({ messages, next }: PartitionBatch): Promise<void> {
    this.#take(messages)
    this.#next = next
    if (this.isAtEnd) this.#ended()
  }

  tick(): void {}

  async close(): Promise<void> {}
}
