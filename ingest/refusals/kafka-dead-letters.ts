import kafkajs, { type Kafka, type Producer } from 'kafkajs'
import { brokerNames, type KafkaConnection, kafkajsConfig } from '../sources/kafka/connection.ts'
import { connectionProblem } from '../sources/kafka/connection-problem.ts'
import type { DeadLetterMessage } from './dead-letter-message.ts'

// Node sees only the first few names of this CommonJS package.
const { Kafka: KafkaClient, logLevel, Partitioners } = kafkajs

/** A topic that dead letters are sent to. */
export class KafkaDeadLetters {
  readonly #connection: KafkaConnection
  readonly #topic: string
  readonly #kafka: Kafka
  #producer: Producer | undefined

  constructor(connection: KafkaConnection, topic: string) {
    this.#connection = connection
    this.#topic = topic
    const retry = { retries: 2 }
    this.#kafka = new KafkaClient({ ...kafkajsConfig(connection), logLevel: logLevel.NOTHING, retry })
  }

  /** Resolves when the brokers have all of them. Throws when they may not; sending them again is safe. */
  async send(messages: readonly DeadLetterMessage[]): Promise<void> {
    try {
      this.#producer ??= await this.#open()
      await this.#producer.send({
        topic: this.#topic,
        acks: -1,
        messages: messages.map((one) => ({ ...one })),
      })
    } catch (error) {
      const broken = this.#producer
      this.#producer = undefined
      await broken?.disconnect().catch(() => {})
      const why = connectionProblem(error, this.#connection)?.message ?? messageOf(error)
      throw new Error(`can't send to topic '${this.#topic}' at ${brokerNames(this.#connection)}: ${why}`, {
        cause: error,
      })
    }
  }

  async close(): Promise<void> {
    await this.#producer?.disconnect().catch(() => {})
  }

  /** The topic gets the broker's own defaults: how long it keeps what is for the operator of Kafka to say. */
  async #open(): Promise<Producer> {
    const admin = this.#kafka.admin()
    try {
      await admin.connect()
      const isThere = (await admin.listTopics()).includes(this.#topic)
      if (!isThere) await admin.createTopics({ waitForLeaders: true, topics: [{ topic: this.#topic }] })
    } finally {
      await admin.disconnect().catch(() => {})
    }
    const producer = this.#kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    })
    await producer.connect()
    return producer
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
