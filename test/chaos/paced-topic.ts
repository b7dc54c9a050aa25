import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel, type RetryOptions } from 'kafkajs'

export interface PacedTopic {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly lines: readonly string[]
  /** How long it takes to send them all, evenly. */
  readonly overMs: number
  readonly signal: AbortSignal
}

const partitions = 3
const everyMs = 200

/** Creates the topic and sends the lines in their order, each to one partition; waits for a broker that is away. */
export async function startPacedTopic(options: PacedTopic): Promise<{ readonly sent: Promise<void> }> {
  const { brokers, topic } = options
  // Through the death of the broker.
  const retry = { retries: 1000, maxRetryTime: 500 }
  const kafka = new Kafka({ brokers: [...brokers], retry, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: partitions }] })
  await admin.disconnect()
  return { sent: send(kafka, retry, options) }
}

async function send(
  kafka: Kafka,
  retry: RetryOptions,
  { topic, lines, overMs, signal }: PacedTopic,
): Promise<void> {
  // What a broker had taken before it died must not be there twice.
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, retry })
  await producer.connect()
  const begun = performance.now()
  for (let sent = 0; sent < lines.length && !signal.aborted; ) {
    const due = Math.ceil((lines.length * (performance.now() - begun)) / overMs)
    const some = lines.slice(sent, Math.min(due, sent + 2000))
    const messages = some.map((value, index) => ({ value, partition: (sent + index) % partitions }))
    if (messages.length > 0) await producer.send({ topic, messages })
    sent += some.length
    await sleep(everyMs)
  }
  await producer.disconnect()
}
