import type { KafkaConnection } from '../connection.ts'
import type { ConsumerListener, Fetched, TopicConsumer } from '../topic-consumer.ts'
import { partitionId, topicPartition } from '../topic-offsets.ts'
import {
  codes,
  loadRdkafka,
  type Rdkafka,
  type RdkafkaClient,
  type RdkafkaError,
  type RdkafkaMessage,
  type RdkafkaPosition,
} from './rdkafka-module.ts'
import { rdkafkaSettings } from './rdkafka-settings.ts'

export interface RdkafkaConsumerOptions {
  readonly connection: KafkaConnection
  readonly groupId: string
  /** The library; loaded when absent. */
  readonly rdkafka?: Rdkafka
}

/** Messages that are taken over from librdkafka at once. */
const messagesMax = 2000
/** Each message is waited for anew, so that a longer wait would hold back all those at hand while more trickle in. */
const consumeMsMax = 1
/** Until it is looked again where there was nothing. */
const restMs = 20
const errorRestMs = 500
const connectMsMax = 10_000

/** A member of the group by librdkafka. */
export class RdkafkaConsumer implements TopicConsumer {
  readonly #options: RdkafkaConsumerOptions
  readonly #listener: ConsumerListener
  #client: RdkafkaClient | undefined
  #loop: Promise<void> = Promise.resolve()
  /** Of the assignment; what was fetched under another one is fetched again. */
  #generation = 0
  #assigned: ReadonlySet<string> = new Set()
  /** Ends of partitions that were met behind the messages at hand. */
  #ends: RdkafkaPosition[] = []
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(options: RdkafkaConsumerOptions, listener: ConsumerListener) {
    this.#options = options
    this.#listener = listener
  }

  async subscribe(topics: readonly string[]): Promise<void> {
    if (topics.length === 0) {
      this.#client?.unsubscribe()
      return this.#listener.assigned([])
    }
    const client = this.#client ?? (await this.#connect())
    client.subscribe(topics)
  }

  async commit(positions: readonly { readonly partition: string; readonly offset: number }[]): Promise<void> {
    this.#client?.commit(positions.map(({ partition, offset }) => ({ ...topicPartition(partition), offset })))
  }

  async close(): Promise<void> {
    const client = this.#client
    if (!client) return
    this.#client = undefined
    this.#generation++
    await this.#loop
    await new Promise<void>((resolve) => client.disconnect(resolve))
  }

  async #connect(): Promise<RdkafkaClient> {
    const { connection, groupId } = this.#options
    const { KafkaConsumer } = this.#options.rdkafka ?? (await loadRdkafka())
    const settings = {
      ...rdkafkaSettings(connection),
      'group.id': groupId,
      'partition.assignment.strategy': 'roundrobin',
      rebalance_cb: (error: RdkafkaError, partitions: readonly RdkafkaPosition[]) =>
        this.#rebalanced(client, error, partitions),
    }
    const client = new KafkaConsumer(settings, { 'auto.offset.reset': 'earliest' })
    client.on('event.error', (error) => this.#tell(error))
    client.on('partition.eof', (position) => this.#ends.push(position))
    await new Promise<void>((resolve, reject) => {
      client.connect({ timeout: connectMsMax }, (error) => (error ? reject(error) : resolve()))
    })
    client.setDefaultConsumeTimeout(consumeMsMax)
    this.#client = client
    this.#loop = this.#consume(client).catch((error) => this.#listener.failed(error))
    return client
  }

  /** As node-rdkafka does by itself: a consumer that closes refuses to be dealt anything, and a callback has nobody to throw to. */
  #rebalanced(client: RdkafkaClient, error: RdkafkaError, partitions: readonly RdkafkaPosition[]): void {
    try {
      this.#rebalance(client, error, partitions)
    } catch (failure) {
      if (this.#client === client) this.#listener.failed(failure as Error)
    }
  }

  /** Partitions are taken and given in two steps; those that stay are not told of in between. */
  #rebalance(client: RdkafkaClient, { code }: RdkafkaError, partitions: readonly RdkafkaPosition[]): void {
    this.#generation++
    this.#ends = []
    if (code !== codes.assign) {
      this.#assigned = new Set()
      client.unassign()
      return
    }
    const ids = partitions.map(({ topic, partition }) => partitionId(topic, partition))
    this.#assigned = new Set(ids)
    this.#listener.assigned(ids)
    client.assign(ids.map((id) => ({ ...topicPartition(id), offset: this.#listener.next(id) })))
  }

  async #consume(client: RdkafkaClient): Promise<void> {
    while (this.#client === client) {
      const messages = await this.#next(client)
      // Taken when they are here: what came while partitions were dealt out is of the new assignment as well.
      const generation = this.#generation
      const ends = this.#ends.splice(0)
      const isCurrent = () => this.#client === client && this.#generation === generation
      for (const [id, ofPartition] of byPartition(messages)) {
        if (isCurrent() && this.#assigned.has(id)) await this.#give(client, id, ofPartition, isCurrent)
      }
      if (!isCurrent()) continue
      for (const { topic, partition, offset } of ends)
        this.#listener.passedOver(partitionId(topic, partition), offset)
    }
  }

  async #give(
    client: RdkafkaClient,
    id: string,
    messages: readonly RdkafkaMessage[],
    isCurrent: () => boolean,
  ): Promise<void> {
    const fetched = fetchedOf(client, id, messages, this.#listener.next(id))
    try {
      await this.#listener.fetched(fetched, async () => {
        if (!isCurrent()) throw new Error('the partitions were dealt out anew')
      })
    } catch (error) {
      // Whoever has the partition now fetches them again.
      if (isCurrent()) throw error
    }
  }

  #next(client: RdkafkaClient): Promise<readonly RdkafkaMessage[]> {
    return new Promise((resolve, reject) => {
      client.consume(messagesMax, (error, messages) => {
        if (!error && messages.length > 0) return resolve(messages)
        if (!error) return setTimeout(resolve, restMs, messages)
        if (error.code === codes.notImplemented || error.code === codes.badCompression)
          return reject(undecodable(error, this.#options.connection))
        // Topics that come and go are looked after elsewhere.
        if (error.code !== codes.unknownTopic && error.code !== codes.unknownPartition) this.#tell(error)
        return setTimeout(resolve, errorRestMs, [])
      })
    })
  }

  /** librdkafka tries on by itself, and repeats itself. */
  #tell({ message }: RdkafkaError): void {
    const now = performance.now()
    if (this.#client === undefined || now - this.#toldAt < 60_000) return
    this.#toldAt = now
    this.#listener.notice(`Kafka at ${this.#options.connection.brokers.join(', ')}: ${message}; trying on`)
  }
}

function byPartition(messages: readonly RdkafkaMessage[]): Map<string, RdkafkaMessage[]> {
  const partitions = new Map<string, RdkafkaMessage[]>()
  for (const message of messages) {
    const id = partitionId(message.topic, message.partition)
    const known = partitions.get(id)
    if (known) known.push(message)
    else partitions.set(id, [message])
  }
  return partitions
}

function fetchedOf(
  client: RdkafkaClient,
  partition: string,
  messages: readonly RdkafkaMessage[],
  asked: number,
): Fetched {
  const first = messages[0]?.offset ?? 0
  const next = (messages.at(-1)?.offset ?? -1) + 1
  const { low, high } = rangeOf(client, partition, next)
  // A gap is a loss only where the partition begins behind what was asked for; else there are transactions' markers.
  const from = first > asked && low > asked ? Math.min(low, first) : asked
  return { partition, messages, from, next, high, unreadable: [] }
}

/** As the last fetch told it, without asking the broker. */
function rangeOf(
  client: RdkafkaClient,
  id: string,
  next: number,
): { readonly low: number; readonly high: number } {
  const { topic, partition } = topicPartition(id)
  try {
    const { lowOffset, highOffset } = client.getWatermarkOffsets(topic, partition)
    return { low: lowOffset, high: Math.max(highOffset, next) }
  } catch {
    return { low: 0, high: next }
  }
}

function undecodable({ message }: RdkafkaError, { brokers }: KafkaConnection): Error {
  return new Error(
    `librdkafka can't decode a batch from ${brokers.join(', ')} (${message}): it was built without that codec (zstd needs ` +
      'libzstd where node-rdkafka is installed); use `client: kafkajs`, which has all of them',
  )
}
