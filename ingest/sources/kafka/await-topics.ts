import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs, { type Admin } from 'kafkajs'
import type { KafkaSourceOptions } from './kafka-source.ts'
import { fetchRanges, type OffsetRange, requireTopics } from './topic-offsets.ts'

const { Kafka, logLevel } = kafkajs

export interface AwaitTopicsOptions {
  readonly client: KafkaSourceOptions['client']
  readonly topics: readonly string[]
  /** Told once when no broker has answered for a few seconds: why, as far as it is known. */
  readonly onAway: (why: string) => void
  /** Give up after this long; absent: never. */
  readonly patienceMs?: number
  readonly signal: AbortSignal
}

const noticeAfterMs = 3000
const firstDelayMs = 250
const delayMsMax = 5000

/**
 * What the topics hold, asked of brokers that may not be there yet; `undefined` once the signal aborts.
 * Throws at once for what waiting won't mend, such as a topic that is not there or a log-in that is refused.
 */
export async function awaitTopics(
  options: AwaitTopicsOptions,
): Promise<ReadonlyMap<string, OffsetRange> | undefined> {
  const { client, topics, onAway, signal, patienceMs = Number.POSITIVE_INFINITY } = options
  const deadline = performance.now() + patienceMs
  const stopped = aborted(signal)
  let why = 'no answer'
  const notice = setTimeout(() => onAway(why), noticeAfterMs)
  try {
    for (let attempt = 0; !signal.aborted; attempt++) {
      const delayMs = Math.min(firstDelayMs * 2 ** attempt, delayMsMax)
      try {
        const brokers = rotated(client.brokers, attempt)
        return await ask({ ...client, brokers }, topics, stopped)
      } catch (error) {
        if (!isPassing(error) || performance.now() + delayMs > deadline) throw error
        why = error.message
      }
      await sleep(delayMs, undefined, { signal }).catch(() => {})
    }
    return undefined
  } finally {
    clearTimeout(notice)
  }
}

/** Tries once, because kafkajs keeps its reasons to itself while it tries again. */
async function ask(
  client: KafkaSourceOptions['client'],
  topics: readonly string[],
  stopped: Promise<undefined>,
): Promise<ReadonlyMap<string, OffsetRange> | undefined> {
  const admin = new Kafka({ ...client, retry: { retries: 0 }, logLevel: logLevel.NOTHING }).admin()
  try {
    return await Promise.race([open(admin, topics, client.brokers), stopped])
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

/** Asks the leader of every partition, so that brokers which advertise an address nobody reaches are found here. */
async function open(
  admin: Admin,
  topics: readonly string[],
  brokers: readonly string[],
): Promise<ReadonlyMap<string, OffsetRange>> {
  await admin.connect()
  await requireTopics(admin, topics, brokers.join(', '))
  const ranges = await Promise.all(topics.map((topic) => fetchRanges(admin, topic)))
  return new Map(ranges.flatMap((range) => [...range]))
}

/** kafkajs begins with the first broker, and stays with one that accepts connections and closes them. */
function rotated(brokers: readonly string[], by: number): string[] {
  const start = by % brokers.length
  return [...brokers.slice(start), ...brokers.slice(0, start)]
}

/** The network, or a broker that is starting. */
function isPassing(error: unknown): error is Error {
  if (!(error instanceof Error) || !error.name.startsWith('KafkaJS')) return false
  // With its number of retries exceeded kafkajs calls an error final that it would have tried again.
  return error.name === 'KafkaJSNumberOfRetriesExceeded' || ('retriable' in error && error.retriable === true)
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}
