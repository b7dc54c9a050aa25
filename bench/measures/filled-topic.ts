import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import kafkajs from 'kafkajs'

const { Kafka, logLevel, CompressionTypes } = kafkajs
/** Below the megabyte that a broker takes in one batch. */
const linesPerSend = 2000

/** Creates a topic of two partitions. */
export async function createTopic(brokers: string[], topic: string): Promise<void> {
  const admin = new Kafka({ clientId: 'bench', brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 2 }] })
  await admin.disconnect()
}

/** Creates a topic of two partitions with the lines of a file, in turns. */
export async function fillTopic(brokers: string[], topic: string, path: string): Promise<void> {
  await createTopic(brokers, topic)
  const kafka = new Kafka({ clientId: 'bench', brokers, logLevel: logLevel.NOTHING })
  const producer = kafka.producer()
  await producer.connect()
  let messages: { value: string; partition: number }[] = []
  const send = async () => {
    await producer.send({ topic, messages, compression: CompressionTypes.None })
    messages = []
  }
  for await (const value of createInterface({ input: createReadStream(path) })) {
    messages.push({ value, partition: messages.length % 2 })
    if (messages.length === linesPerSend) await send()
  }
  if (messages.length > 0) await send()
  await producer.disconnect()
}
