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
  const producer = kafka.producer({
    // What one partition took before the other was ready must not be there twice.
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: () => () => random.int(0, 1),
  })
  await producer.connect()
  for (const [topic, lines] of topics) {
    // A request is a batch of each partition, and brokers take batches of 1 MB.
    for (let from = 0; from < lines.length; from += 2000) {
      const messages = lines.slice(from, from + 2000).map((value) => ({ value }))
      await producer.send({ topic, messages })
    }
  }
  await producer.disconnect()
}
