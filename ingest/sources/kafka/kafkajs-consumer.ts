import kafkajs, { type Consumer, type EachBatchPayload, type Kafka } from 'kafkajs'
import { registerCodecs } from './codecs/register-codecs.ts'
import { whyUnreadable } from './codecs/unreadable-batch.ts'
import { type KafkaConnection, kafkajsConfig } from './connection.ts'
import { connectionProblem } from './connection-problem.ts'
import type { ConsumerListener, TopicConsumer } from './topic-consumer.ts'
import { partitionId, topicPartition } from './topic-offsets.ts'
import { unreadableRanges } from './unreadable-ranges.ts'

// Node sees only the first few names of this CommonJS package.
const { Kafka: KafkaClient, logLevel } = kafkajs

/** A fetch without messages takes this long, and closing waits for one. */
const fetchMsMax = 250
const heartbeatMs = 3000
/** Within this time partitions that were added to a topic are seen. */
const metadataMsMax = 10_000

/** The types of kafkajs leave out the offset that was asked for. */
type FetchedBatch = EachBatchPayload['batch'] & { readonly fetchedOffset: string }

/** A member of the group by kafkajs. */
export class KafkajsConsumer implements TopicConsumer {
  readonly #kafka: Kafka
  readonly #connection: KafkaConnection
  readonly #groupId: string
  readonly #listener: ConsumerListener
  #consumer: Consumer | undefined

  constructor(connection: KafkaConnection, groupId: string, listener: ConsumerListener) {
    registerCodecs()
    this.#kafka = new KafkaClient({ ...kafkajsConfig(connection), logLevel: logLevel.NOTHING })
    this.#connection = connection
    this.#groupId = groupId
    this.#listener = listener
  }

  /** A running consumer of kafkajs takes no other topics, so another one takes its place. */
  async subscribe(topics: readonly string[]): Promise<void> {
    await this.close()
    if (topics.length === 0) return this.#listener.assigned([])
    const consumer = this.#kafka.consumer({
      groupId: this.#groupId,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: fetchMsMax,
      heartbeatInterval: heartbeatMs,
      metadataMaxAge: metadataMsMax,
    })
    this.#consumer = consumer
    this.#listen(consumer, topics)
    await consumer.connect()
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.#handle(payload),
    })
  }

  async commit(positions: readonly { readonly partition: string; readonly offset: number }[]): Promise<void> {
    const offsets = positions.map(({ partition, offset }) => ({
      ...topicPartition(partition),
      offset: String(offset),
    }))
    await this.#consumer?.commitOffsets(offsets)
  }

  async close(): Promise<void> {
    const consumer = this.#consumer
    this.#consumer = undefined
    await consumer?.disconnect().catch(() => {})
  }

  #listen(consumer: Consumer, topics: readonly string[]): void {
    const { GROUP_JOIN, END_BATCH_PROCESS, CRASH } = consumer.events
    const isCurrent = () => this.#consumer === consumer
    // kafkajs joins its group anew for any rebalance, and emits this before it fetches.
    consumer.on(GROUP_JOIN, ({ payload }) => {
      if (!isCurrent()) return
      const ids = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
        partitions.map((partition) => partitionId(topic, partition)),
      )
      this.#listener.assigned(ids)
      for (const id of ids) consumer.seek({ ...topicPartition(id), offset: String(this.#listener.next(id)) })
    })
    consumer.on(END_BATCH_PROCESS, ({ payload: { batchSize, topic, partition, lastOffset } }) => {
      // Only transaction markers or aborted messages: eachBatch never sees these.
      if (batchSize === 0 && isCurrent())
        this.#listener.passedOver(partitionId(topic, partition), Number(lastOffset) + 1)
    })
    consumer.on(CRASH, ({ payload: { error, restart } }) => {
      if (!isCurrent()) return
      const what = `the Kafka consumer of ${topics.join(', ')} stopped: ${this.#why(error)}`
      if (restart) this.#listener.notice(`${what}; it starts again`)
      else this.#listener.failed(new Error(what, { cause: error }))
    })
  }

  #why(error: Error): string {
    if (error instanceof RangeError && error.message.includes('call stack'))
      return 'a batch has more records than kafkajs can take; set `client: rdkafka` for the source'
    return connectionProblem(error, this.#connection)?.message ?? error.message
  }

  async #handle({ batch, heartbeat, resolveOffset }: EachBatchPayload): Promise<void> {
    const partition = partitionId(batch.topic, batch.partition)
    const lastOffset = batch.lastOffset()
    const { fetchedOffset } = batch as FetchedBatch
    const unreadable = unreadableRanges(batch.messages, Number(fetchedOffset))
    const isTaken = await this.#listener.fetched(
      {
        partition,
        messages:
          unreadable.length === 0
            ? batch.messages
            : batch.messages.filter((message) => whyUnreadable(message) === undefined),
        from: Number(fetchedOffset),
        next: Number(lastOffset) + 1,
        high: Number(batch.highWatermark),
        unreadable,
      },
      heartbeat,
    )
    if (isTaken) resolveOffset(lastOffset)
  }
}
