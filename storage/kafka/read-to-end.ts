import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, Kafka, KafkaMessage } from 'kafkajs'
import { hideAbortedMessages } from './aborted-messages.ts'

export interface ReadToEndOptions {
  readonly kafka: Kafka
  /** Begins the name of the group, which commits nothing and is gone when it ends. */
  readonly prefix: string
  /** Where each partition begins and ends now, by topic. */
  readonly ends: ReadonlyMap<string, readonly PartitionEnd[]>
  /** The next one waits for what it returns. */
  onMessage(topic: string, partition: number, message: KafkaMessage): unknown
  /** Without an answer for this long it rejects; 15 s when absent. */
  readonly silentMsMax?: number
}

export interface PartitionEnd {
  readonly partition: number
  readonly low: number
  /** Offset behind the last record. */
  readonly high: number
}

/** A transaction that its process left open holds readers up for as long as it may last; nothing is there to wait for after that. */
const quietMsMax = 20_000
/** A person waits for it. */
const silentMsDefault = 15_000
const closeMsMax = 1000
const fetchMsMax = 100

/**
 * Reads the committed messages of topics from their beginning up to the given ends, those of a partition in order. Rejects
 * when the broker no longer answers.
 */
export async function readToEnd(options: ReadToEndOptions): Promise<void> {
  const { kafka, prefix, ends, silentMsMax = silentMsDefault } = options
  const left = new Map<string, number>()
  for (const [topic, partitions] of ends) {
    for (const { partition, low, high } of partitions) if (low < high) left.set(`${topic}:${partition}`, high)
  }
  if (left.size === 0) return
  hideAbortedMessages()
  const consumer = kafka.consumer({
    groupId: `${prefix}.read.${randomUUID()}`,
    maxWaitTimeInMs: fetchMsMax,
    allowAutoTopicCreation: false,
  })
  const silence = whenSilent(consumer, silentMsMax)
  const reading = read(consumer, left, options)
  try {
    await Promise.race([reading, silence.isLong])
  } finally {
    silence.stop()
    reading.catch(() => {})
    // A broker that is silent says nothing to this either.
    const closed = consumer.disconnect().catch(() => {})
    await Promise.race([closed, sleep(closeMsMax, undefined, { ref: false })])
  }
}

/** Rejects once the broker has not answered for so long. */
function whenSilent(
  consumer: Consumer,
  silentMsMax: number,
): { readonly isLong: Promise<never>; stop(): void } {
  const { CONNECT, GROUP_JOIN, FETCH, END_BATCH_PROCESS } = consumer.events
  let heardAt = performance.now()
  const hears = () => {
    heardAt = performance.now()
  }
  consumer.on(CONNECT, hears)
  consumer.on(GROUP_JOIN, hears)
  consumer.on(FETCH, hears)
  consumer.on(END_BATCH_PROCESS, hears)
  let watching: NodeJS.Timeout | undefined
  const isLong = new Promise<never>((_, reject) => {
    watching = setInterval(
      () => {
        if (performance.now() - heardAt < silentMsMax) return
        const seconds = silentMsMax / 1000
        reject(new Error(`no broker has answered for ${seconds} s: see whether one is stopped or overloaded`))
      },
      Math.min(silentMsMax / 4, 1000),
    )
  })
  return { isLong, stop: () => clearInterval(watching) }
}

async function read(consumer: Consumer, left: Map<string, number>, options: ReadToEndOptions): Promise<void> {
  await consumer.connect()
  await consumer.subscribe({ topics: [...options.ends.keys()], fromBeginning: true })
  await consume(consumer, left, options)
}

function consume(
  consumer: Consumer,
  left: Map<string, number>,
  { onMessage }: Pick<ReadToEndOptions, 'onMessage'>,
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const { END_BATCH_PROCESS, FETCH, CRASH } = consumer.events
    const next = new Map<string, number>()
    let movedAt = performance.now()
    // Also of what holds only the marks of transactions, which nobody is given.
    consumer.on(END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
      movedAt = performance.now()
      const place = `${topic}:${partition}`
      if (Number(lastOffset) + 1 >= (left.get(place) ?? 0)) left.delete(place)
      if (left.size === 0) resolve()
    })
    // The broker answers, and has no more of what was there at the beginning: it was aborted, or cleaned away.
    consumer.on(FETCH, () => {
      if (performance.now() - movedAt > quietMsMax) resolve()
    })
    // What passes by itself it tries again, from the beginning.
    consumer.on(CRASH, ({ payload: { error, restart } }) => {
      if (!restart) reject(error)
    })
    consumer
      .run({
        autoCommit: false,
        eachBatch: async ({ batch: { topic, partition, messages } }) => {
          const place = `${topic}:${partition}`
          for (const message of messages) {
            const offset = Number(message.offset)
            if (offset < (next.get(place) ?? 0)) continue
            next.set(place, offset + 1)
            await onMessage(topic, partition, message)
          }
        },
      })
      .catch(reject)
  })
}
