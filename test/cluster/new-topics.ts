import { Kafka, logLevel } from 'kafkajs'
import { whilePassing } from '../../storage/kafka/while-passing.ts'

/**
 * Creates topics, and waits until the broker has heard of them: kafkajs' `waitForLeaders` fails where it has not yet. By an admin of
 * its own, for one that has asked about a topic asks for it ever after, also when it is gone.
 */
export async function newTopics(
  brokers: readonly string[],
  names: readonly string[],
  numPartitions: number,
): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    await admin.createTopics({
      waitForLeaders: false,
      topics: names.map((topic) => ({ topic, numPartitions })),
    })
    await whilePassing(() => admin.fetchTopicMetadata({ topics: [...names] }))
  } finally {
    await admin.disconnect()
  }
}
