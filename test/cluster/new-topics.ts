import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import { kafkaErrorType } from '../../storage/kafka/while-passing.ts'

/** What a broker says of a topic that it is still making, or still unmaking. */
const notYet: ReadonlySet<unknown> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
])
const readyMsMax = 30_000

/**
 * Creates topics, and waits until the broker answers for all their partitions: kafkajs' `waitForLeaders` fails where it has not yet
 * heard of them. Those that were there before stay as they are.
 */
export async function newTopics(
  brokers: readonly string[],
  names: readonly string[],
  numPartitions: number,
): Promise<void> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  let isNew: boolean
  try {
    isNew = await admin.createTopics({
      waitForLeaders: false,
      topics: names.map((topic) => ({ topic, numPartitions })),
    })
  } finally {
    await admin.disconnect()
  }
  const giveUpAt = performance.now() + readyMsMax
  for (const name of names) {
    for (;;) {
      const ranges = await rangesOf(kafka, name)
      // Of one that was just deleted under the same name, a broker may still tell the old end.
      const isReady = isNew
        ? ranges.length === numPartitions && ranges.every(({ low, high }) => low === '0' && high === '0')
        : ranges.length > 0
      if (isReady) break
      if (performance.now() > giveUpAt)
        throw new Error(
          `${name} is not ready ${readyMsMax / 1000} s after it was created: ${JSON.stringify(ranges)}`,
        )
      await sleep(100)
    }
  }
}

/** By an admin of its own, for one that has asked about a topic asks for it ever after, also when it is gone. Empty: not yet. */
async function rangesOf(kafka: Kafka, topic: string) {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await admin.fetchTopicOffsets(topic)
  } catch (error) {
    if (!notYet.has(kafkaErrorType(error))) throw error
    return []
  } finally {
    await admin.disconnect()
  }
}
