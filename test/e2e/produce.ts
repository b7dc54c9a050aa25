import { Kafka, logLevel } from 'kafkajs'
import { newTopics } from '../cluster/new-topics.ts'
import { seededRandom } from '../scenarios/random.ts'

/** Creates topics of two partitions and sends each line to one of them by chance; lines of a partition keep their order. */
export async function produce(
  brokers: string[],
  topics: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const random = seededRandom(20)
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  await newTopics(brokers, [...topics.keys()], 2)
  const producer = kafka.producer()
  await producer.connect()
  for (const [topic, lines] of topics) {
    const parts: { value: string; partition: number }[][] = [[], []]
    for (const value of lines) {
      const partition = random.int(0, 1)
      parts[partition]?.push({ value, partition })
    }
    // Brokers take requests of 1 MB. One to two partitions of which one is not ready yet would be sent whole again.
    for (let from = 0; from < lines.length; from += 1000)
      for (const part of parts) {
        const messages = part.slice(from, from + 1000)
        if (messages.length > 0) await producer.send({ topic, messages })
      }
  }
  await producer.disconnect()
}
