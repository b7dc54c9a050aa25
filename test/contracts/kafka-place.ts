import { randomUUID } from 'node:crypto'
import {
  type Admin,
  CompressionTypes,
  type IResourceConfigEntry,
  Kafka,
  logLevel,
  type Message,
  Partitioners,
  type Producer,
} from 'kafkajs'
import { afterAll, beforeAll } from 'vitest'
import { KafkaSource, type KafkaSourceOptions } from '../../ingest/sources/kafka/kafka-source.ts'
import type { Reading } from './source-contract.ts'

/** Which library reads, where it is not kafkajs. */
export type Library = Pick<KafkaSourceOptions, 'client' | 'rdkafka'>

/** Topics of one test file on the shared broker, and sources that read them. */
export interface KafkaPlace {
  readonly client: Kafka
  readonly admin: Admin
  readonly producer: Producer
  newTopic(partitions?: number, name?: string, settings?: IResourceConfigEntry[]): Promise<string>
  /** To partition 0. */
  send(topic: string, values: readonly (string | null)[], compression?: CompressionTypes): Promise<unknown>
  /** A source that ends with the topics. */
  open(topics: string | KafkaSourceOptions['topics'], options?: Partial<KafkaSourceOptions>): KafkaSource
  /** One that goes on waiting. */
  live(topics: string | KafkaSourceOptions['topics'], options?: Partial<KafkaSourceOptions>): KafkaSource
}

/** Call it in a `describe`: it connects before the tests and deletes the topics after them. */
export function kafkaPlace(brokers: string[], library: Library = {}): KafkaPlace {
  const client = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const admin = client.admin()
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  const topics = new Set<string>()
  beforeAll(async () => {
    await Promise.all([admin.connect(), producer.connect()])
  })
  afterAll(async () => {
    const left = (await admin.listTopics()).filter((topic) => topics.has(topic))
    if (left.length > 0) await admin.deleteTopics({ topics: left })
    await Promise.all([admin.disconnect(), producer.disconnect()])
  })
  const live: KafkaPlace['live'] = (wanted, options = {}) =>
    new KafkaSource({
      id: 'kafka',
      connection: { brokers },
      topics: typeof wanted === 'string' ? [wanted] : wanted,
      groupId: `group-${randomUUID()}`,
      ...library,
      ...options,
    })
  return {
    client,
    admin,
    producer,
    live,
    open: (wanted, options) => live(wanted, { until: 'end', ...options }),
    async newTopic(numPartitions = 1, topic = `source-${randomUUID()}`, configEntries = []) {
      topics.add(topic)
      await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions, configEntries }] })
      return topic
    },
    send(topic, values, compression = CompressionTypes.None) {
      const messages: Message[] = values.map((value) => ({ key: 'k', value, partition: 0 }))
      return producer.send({ topic, messages, compression })
    },
  }
}

/** What was read, without partitions. */
export function texts({ lines }: Reading): string[] {
  return [...lines.values()].flat().map((line) => line.text)
}
