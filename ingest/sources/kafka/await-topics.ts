import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs, { type Admin } from 'kafkajs'
import type { TopicChoice } from './chosen-topics.ts'
import { brokerNames, type KafkaConnection, kafkajsConfig } from './connection.ts'
import { connectionProblem } from './connection-problem.ts'
import { fetchChosenRanges, noTopics, type OffsetRanges } from './topic-offsets.ts'

const { Kafka, logLevel } = kafkajs

export interface AwaitTopicsOptions {
  readonly connection: KafkaConnection
  readonly topics: readonly TopicChoice[]
  /** Told when no broker has answered for a few seconds, and every minute from then on: why, as far as it is known. */
  readonly onAway: (why: string) => void
  /** 3 s when absent. */
  readonly noticeAfterMs?: number
  /** Give up after this long; absent: never. */
  readonly patienceMs?: number
  readonly signal: AbortSignal
}

const noticeAfterMsDefault = 3000
const noticeEveryMs = 60_000
const firstDelayMs = 250
const delayMsMax = 5000

/** Topics that are not there. */
export class MissingTopics extends Error {
  override readonly name = 'MissingTopics'
  /** Names them, without what to do. */
  readonly what: string
  constructor(what: string) {
    super(`${what}: create it or correct the name`)
    this.what = what
  }
}

/**
 * What the topics hold, asked of brokers that may not be there yet; `undefined` once the signal aborts. Throws at once for
 * what waiting won't mend, such as a topic that is not there, a log-in that is refused or a certificate that is not trusted.
 */
export async function awaitTopics(options: AwaitTopicsOptions): Promise<OffsetRanges | undefined> {
  const { connection, topics, onAway, signal, patienceMs = Number.POSITIVE_INFINITY } = options
  const { noticeAfterMs = noticeAfterMsDefault } = options
  const deadline = performance.now() + patienceMs
  const stopped = aborted(signal)
  let why = 'no answer'
  let notice = setTimeout(tell, noticeAfterMs)
  function tell(): void {
    onAway(why)
    notice = setTimeout(tell, noticeEveryMs)
  }
  try {
    for (let attempt = 0; !signal.aborted; attempt++) {
      const delayMs = Math.min(firstDelayMs * 2 ** attempt, delayMsMax)
      try {
        return await ask({ ...connection, brokers: rotated(connection.brokers, attempt) }, topics, stopped)
      } catch (error) {
        const problem = connectionProblem(error, connection)
        if (problem?.isFinal) throw new Error(problem.message, { cause: error })
        if (!isPassing(error) || performance.now() + delayMs > deadline) throw error
        why = problem?.message ?? error.message
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
  connection: KafkaConnection,
  topics: readonly TopicChoice[],
  stopped: Promise<undefined>,
): Promise<OffsetRanges | undefined> {
  const client = { ...kafkajsConfig(connection), retry: { retries: 0 }, logLevel: logLevel.NOTHING }
  const admin = new Kafka(client).admin()
  try {
    return await Promise.race([open(admin, topics, brokerNames(connection)), stopped])
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

/** Asks the leader of every partition, so that brokers which advertise an address nobody reaches are found here. */
async function open(admin: Admin, choices: readonly TopicChoice[], brokers: string): Promise<OffsetRanges> {
  await admin.connect()
  const { missing, ranges } = await fetchChosenRanges(admin, choices)
  // kafkajs would ask for them again and again.
  if (missing.length > 0) throw new MissingTopics(noTopics(missing, brokers))
  return ranges
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
