import { randomUUID } from 'node:crypto'
import { Kafka, type KafkaMessage, logLevel } from 'kafkajs'
import { hideAbortedMessages } from '../../storage/kafka/aborted-messages.ts'

/** All committed messages of a topic, as it was when asked; of each partition in order. */
export async function readTopic(brokers: readonly string[], topic: string): Promise<KafkaMessage[]> {
  hideAbortedMessages()
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const ranges = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  const left = new Map(
    ranges.filter(({ low, high }) => low !== high).map((range) => [range.partition, Number(range.high)]),
  )
  const messages: KafkaMessage[] = []
  if (left.size === 0) return messages
  const consumer = kafka.consumer({ groupId: `test-${randomUUID()}`, maxWaitTimeInMs: 50 })
  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      // Also of what holds only the marks of transactions, which nobody is given.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
        if (Number(lastOffset) + 1 >= (left.get(partition) ?? 0)) left.delete(partition)
        if (left.size === 0) resolve()
      })
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            messages.push(...batch.messages)
          },
        })
        .catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
  return messages
}

/** The newest value of each key, without those that have none by now. */
export function newest(messages: readonly KafkaMessage[]): Map<string, string> {
  const values = new Map<string, string>()
  for (const { key, value } of messages) {
    if (value) values.set(String(key), value.toString('utf8'))
    else values.delete(String(key))
  }
  return values
}
