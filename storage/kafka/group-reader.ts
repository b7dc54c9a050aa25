import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import { hideAbortedMessages } from './aborted-messages.ts'
import type { GroupReport, PartitionWork, Place, WorkOptions } from './partition-work.ts'
import { Slot } from './slot.ts'
import { stickyAssigner } from './sticky-assigner.ts'

export interface GroupReaderOptions {
  readonly kafka: Kafka
  readonly group: string
  readonly topics: readonly string[]
  /** After how long without a sign of life the partitions go to others, milliseconds. */
  readonly sessionMs: number
  /** So long nothing more is asked for where the end was read, milliseconds: what comes meanwhile is taken together. */
  readonly restMs?: number
  /** Which partitions are worked on together. */
  placeOf(topic: string, partition: number): string
  /** Takes over from whoever had the place before, and reads where that came to. */
  open(options: WorkOptions): Promise<PartitionWork>
  /** Is given, at the beginning, what tells where the reader stands. */
  onReader?(report: () => GroupReport): void
  /** For a person to know. */
  onNotice(notice: string): void
  readonly signal: AbortSignal
}

/** A fetch is answered as soon as there is something; kafkajs gives up on its answer a moment later, which a busy machine needs. */
const fetchMsMax = 500
const tickMs = 20
/** Within this time partitions that were added to a topic are seen. */
const metadataMsMax = 10_000
const closeMsMax = 5000

/**
 * Reads topics as a member of a consumer group, and works on the partitions that it is given. Resolves after the signal,
 * with all work closed; rejects when it can't go on.
 */
export async function readGroup(options: GroupReaderOptions): Promise<void> {
  const reader = new GroupReader(options)
  options.onReader?.(() => reader.report)
  try {
    await reader.run()
  } finally {
    await reader.close()
  }
}

class GroupReader {
  readonly #options: GroupReaderOptions
  readonly #consumer: Consumer
  #slots = new Map<string, Slot>()
  readonly #ended: Promise<void>
  #end: (error?: unknown) => void = () => {}
  #ticking: NodeJS.Timeout | undefined
  /** How often the group was joined: what began before belongs to another assignment. */
  #generation = 0
  /** Epoch milliseconds. */
  #joinedAt = 0

  constructor(options: GroupReaderOptions) {
    const { kafka, group, sessionMs, placeOf, signal } = options
    this.#options = options
    hideAbortedMessages()
    this.#consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: sessionMs,
      // A member that is slow to come back to a rebalance holds all others up.
      rebalanceTimeout: Math.max(sessionMs, 10_000),
      heartbeatInterval: Math.floor(sessionMs / 4),
      maxWaitTimeInMs: fetchMsMax,
      allowAutoTopicCreation: false,
      metadataMaxAge: metadataMsMax,
      partitionAssigners: [
        stickyAssigner({
          placeOf,
          owned: () => ({ places: [...this.#slots.keys()], since: this.#joinedAt }),
        }),
      ],
    })
    this.#ended = new Promise((resolve, reject) => {
      this.#end = (error) => (error === undefined ? resolve() : reject(error))
    })
    this.#ended.catch(() => {})
    signal.addEventListener('abort', () => this.#end(), { once: true })
  }

  async run(): Promise<void> {
    const { topics, signal } = this.#options
    if (signal.aborted) return
    const { GROUP_JOIN, END_BATCH_PROCESS, CRASH } = this.#consumer.events
    // kafkajs joins its group anew for any rebalance, and emits this before it fetches.
    this.#consumer.on(GROUP_JOIN, ({ payload }) => this.#assign(payload.memberAssignment))
    this.#consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      const { topic, partition, batchSize, lastOffset, highWatermark } = payload
      if (batchSize > 0) return
      const [next, high] = [Number(lastOffset) + 1, Number(highWatermark)]
      this.#slotOf(topic, partition)?.take({ topic, partition, messages: [], next, high })
    })
    this.#consumer.on(CRASH, ({ payload: { error, restart } }) => {
      if (!restart) this.#end(ofLongBatch(error) ?? error)
      else this.#options.onNotice(`reading ${topics.join(', ')} stopped: ${error.message}; it starts again`)
    })
    await this.#consumer.connect()
    await this.#consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 64,
      eachBatch: (payload) => this.#handle(payload),
    })
    this.#ticking = setInterval(() => {
      for (const slot of this.#slots.values()) slot.tick()
    }, tickMs)
    await this.#ended
  }

  get report(): GroupReport {
    return {
      hasJoined: this.#generation > 0,
      places: [...this.#slots.values()].map((slot) => slot.report),
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#ticking)
    const slots = [...this.#slots.values()]
    this.#slots.clear()
    const closed = Promise.allSettled([...slots.map((slot) => slot.close()), this.#consumer.disconnect()])
    // A broker that is away must not hold up the end.
    await Promise.race([closed, sleep(closeMsMax, undefined, { ref: false })])
  }

  #slotOf(topic: string, partition: number): Slot | undefined {
    return this.#slots.get(this.#options.placeOf(topic, partition))
  }

  #assign(assignment: Readonly<Record<string, number[]>>): void {
    this.#generation++
    this.#joinedAt = Date.now()
    const places = this.#places(assignment)
    const before = this.#slots
    this.#slots = new Map(
      places.map((place) => {
        return [place.id, before.get(place.id) ?? new Slot(place, this.#consumer, this.#options)]
      }),
    )
    for (const [id, slot] of before) if (this.#slots.get(id) !== slot) void slot.close()
    for (const slot of this.#slots.values()) slot.assigned()
  }

  #places(assignment: Readonly<Record<string, number[]>>): Place[] {
    const places = new Map<string, { topic: string; partition: number }[]>()
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const id = this.#options.placeOf(topic, partition)
        places.set(id, [...(places.get(id) ?? []), { topic, partition }])
      }
    }
    return [...places].map(([id, partitions]) => ({ id, partitions }))
  }

  async #handle({ batch, heartbeat, resolveOffset, isStale }: EachBatchPayload): Promise<void> {
    // It was fetched before we said where to read on.
    if (isStale()) return
    const { topic, partition, messages } = batch
    const generation = this.#generation
    const lastOffset = batch.lastOffset()
    // Not in the types of kafkajs: where it asked to read from.
    const { fetchedOffset } = batch as unknown as { readonly fetchedOffset: string }
    const [next, high, from] = [Number(lastOffset) + 1, Number(batch.highWatermark), Number(fetchedOffset)]
    const given = { topic, partition, messages, next, high, from }
    const taking = this.#slotOf(topic, partition)?.take(given)
    const isTaken = await whileAlive(taking, heartbeat, this.#options.sessionMs)
    // After a rebalance this would move a position that was set anew, and what lies between would never be read.
    if (isTaken && generation === this.#generation) resolveOffset(lastOffset)
    const { restMs = 0 } = this.#options
    if (restMs > 0 && next >= high) await sleep(restMs)
  }
}

/** kafkajs hands the records of a batch over as arguments, and V8 takes some 125,000. */
function ofLongBatch(error: Error): Error | undefined {
  if (!(error instanceof RangeError) || !error.message.includes('call stack')) return undefined
  const text = 'a batch has more records than kafkajs can take: mirror the topic in smaller batches'
  return new Error(text, { cause: error })
}

/** Waits for work with heartbeats, because without them the group takes the partition away meanwhile. */
async function whileAlive(
  work: Promise<boolean> | undefined,
  heartbeat: () => Promise<void>,
  sessionMs: number,
): Promise<boolean> {
  let lost: unknown
  const beating = setInterval(
    () =>
      heartbeat().catch((error) => {
        lost ??= error
      }),
    sessionMs / 4,
  )
  const isTaken = (await work) ?? false
  clearInterval(beating)
  if (lost) throw lost
  return isTaken
}
