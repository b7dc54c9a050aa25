import kafkajs, { type Admin, type Consumer, type EachBatchPayload } from 'kafkajs'
import { type Positions, partitionKey } from '../../../core/event/position.ts'
import { awaitTopics } from './await-topics.ts'
import { HandOver, takenWhileAlive } from './hand-over.ts'
import { IdleWatch } from './idle-watch.ts'
import type { KafkaSourceOptions } from './kafka-source.ts'
import { PartitionProgress } from './partition-progress.ts'
import { rawRecords } from './raw-records.ts'
import {
  fetchRanges,
  type OffsetRange,
  partitionId,
  recreated,
  requireRanges,
  startOffset,
  topicPartition,
} from './topic-offsets.ts'
import { markUnsupportedCodecs, unsupportedCodec, unsupportedCodecError } from './unsupported-codecs.ts'

// Node sees only the first few names of this CommonJS package.
const { Kafka, logLevel } = kafkajs

/** A fetch without messages takes this long, and closing waits for one. */
const fetchMsMax = 250
const heartbeatMs = 3000
const closeMsMax = 5000
/** Whoever waits for a reading to end wants to know soon that it can't begin. */
const endingPatienceMs = 10_000

/** One reading of the topics, from start to close. */
export class KafkaReading {
  readonly handOver = new HandOver()
  readonly #options: KafkaSourceOptions
  readonly #stored: Positions
  readonly #admin: Admin
  readonly #consumer: Consumer
  readonly #idleWatch: IdleWatch
  readonly #progress: PartitionProgress
  readonly #closing = new AbortController()
  #starting: Promise<void> = Promise.resolve()
  #committing: Promise<void> | undefined

  constructor(options: KafkaSourceOptions, stored: Positions) {
    this.#options = options
    this.#stored = stored
    this.#progress = new PartitionProgress(this.handOver, isBounded(options))
    const kafka = new Kafka({ clientId: 'picket', ...options.client, logLevel: logLevel.NOTHING })
    this.#admin = kafka.admin()
    this.#consumer = kafka.consumer({
      groupId: options.groupId,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: fetchMsMax,
      heartbeatInterval: heartbeatMs,
    })
    this.#idleWatch = new IdleWatch({
      idleMs: options.idleMs ?? 30_000,
      isBlocked: () => this.handOver.isWaiting,
      isCaughtUp: (id) => this.#isCaughtUp(id),
      onIdle: (partition) => this.handOver.tell({ kind: 'idle', partition }),
      onError: (error) => this.#notice(`can't ask Kafka for the end of a topic: ${messageOf(error)}`),
    })
  }

  /** Returns at once; what goes wrong ends the hand-over. */
  start(): void {
    this.#starting = this.#start().catch((error) => this.handOver.fail(error))
  }

  async close(): Promise<void> {
    this.handOver.abandon()
    this.#closing.abort()
    this.#idleWatch.stop()
    const closed = this.#starting.then(() =>
      Promise.allSettled([this.#consumer.disconnect(), this.#admin.disconnect()]),
    )
    await within(closeMsMax, closed)
  }

  /** For lag metrics: a failure means an old number in a graph, and the next commit mends it. */
  async commit(positions: Positions): Promise<void> {
    if (this.#committing) return
    const offsets = this.#progress.assigned.flatMap((id) => {
      const offset = positions.get(partitionKey(this.#options.id, id))
      return offset === undefined ? [] : [{ ...topicPartition(id), offset: String(offset) }]
    })
    if (offsets.length === 0) return
    this.#committing = this.#consumer.commitOffsets(offsets).catch(() => {})
    await this.#committing
    this.#committing = undefined
  }

  async #start(): Promise<void> {
    const { client, topics, ranges: wanted } = this.#options
    const brokers = client.brokers.join(', ')
    try {
      const ranges = await awaitTopics({
        client: { clientId: 'picket', ...client },
        topics,
        signal: this.#closing.signal,
        onAway: (why) => this.#notice(awayNotice(brokers, why)),
        ...(isBounded(this.#options) ? { patienceMs: endingPatienceMs } : {}),
      })
      if (!ranges) return
      if (wanted) requireRanges(wanted, ranges)
      for (const [id, range] of ranges) this.#begin(id, range)
      await this.#admin.connect()
      await this.#consume(topics)
    } catch (error) {
      if (!(error instanceof Error) || !error.name.startsWith('KafkaJS')) throw error
      throw new Error(`cannot read Kafka at ${brokers}: ${error.message}`, { cause: error })
    }
  }

  #begin(id: string, range: OffsetRange): void {
    const { ranges } = this.#options
    if (ranges) {
      const { from, to } = ranges.get(id) ?? { from: 0, to: 0 }
      this.#progress.begin(id, { low: from, high: to }, from)
      return
    }
    const stored = this.#stored.get(partitionKey(this.#options.id, id))
    const { offset, lost } = startOffset(id, stored, range, this.#options.from ?? 'earliest')
    if (lost > 0) this.#notice(`Kafka deleted ${lost} records of ${id} by retention before they were read`)
    this.#progress.begin(id, range, offset)
  }

  async #consume(topics: readonly string[]): Promise<void> {
    const { GROUP_JOIN, END_BATCH_PROCESS, CRASH } = this.#consumer.events
    markUnsupportedCodecs()
    // kafkajs joins its group anew for any rebalance, and emits this before it fetches.
    this.#consumer.on(GROUP_JOIN, ({ payload }) => this.#assign(payload.memberAssignment))
    this.#consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      // Only transaction markers or aborted messages: eachBatch never sees these.
      if (payload.batchSize === 0)
        this.#passOver(partitionId(payload.topic, payload.partition), payload.lastOffset)
    })
    this.#consumer.on(CRASH, ({ payload }) => {
      const what = `the Kafka consumer of ${topics.join(', ')} stopped: ${payload.error.message}`
      if (payload.restart) this.#notice(`${what}; it starts again`)
      else this.handOver.fail(new Error(what, { cause: payload.error }))
    })
    await this.#consumer.connect()
    await this.#consumer.subscribe({ topics: [...topics], fromBeginning: true })
    this.#idleWatch.start()
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.#handle(payload),
    })
  }

  #assign(assignment: Readonly<Record<string, number[]>>): void {
    const ids = Object.entries(assignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => partitionId(topic, partition)),
    )
    this.#progress.assign(ids)
    this.#idleWatch.watch(ids.filter((id) => !this.#progress.hasEnded(id)))
    for (const id of ids) {
      this.#consumer.seek({ ...topicPartition(id), offset: String(this.#progress.next(id)) })
    }
  }

  async #handle({ batch, heartbeat, resolveOffset }: EachBatchPayload): Promise<void> {
    const id = partitionId(batch.topic, batch.partition)
    const lastOffset = batch.lastOffset()
    if (this.#progress.hasEnded(id)) return resolveOffset(lastOffset)
    const next = this.#progress.next(id)
    const codec = unsupportedCodec(batch.messages[0]) ?? unsupportedCodec(batch.messages.at(-1))
    if (codec) return this.handOver.fail(unsupportedCodecError(id, codec, next))
    const high = Number(batch.highWatermark)
    if (high < next) return this.handOver.fail(recreated(id, next, high))

    this.#idleWatch.active(id)
    const trustTimestamp = this.#options.trustTimestamp ?? false
    const records = rawRecords(batch.messages, next, this.#progress.until(id), trustTimestamp)
    const following = this.#progress.behind(id, lastOffset)
    const offer = this.handOver.offer({ kind: 'records', partition: id, records, next: following })
    if (!(await takenWhileAlive(offer, heartbeat, heartbeatMs))) return
    resolveOffset(lastOffset)
    this.#idleWatch.active(id)
    this.#progress.advance(id, following)
    if (this.#progress.hasEnded(id)) this.#idleWatch.forget(id)
  }

  #passOver(id: string, lastOffset: string): void {
    if (this.#progress.hasEnded(id)) return
    const next = this.#progress.behind(id, lastOffset)
    this.handOver.offer({ kind: 'records', partition: id, records: [], next })
    this.#progress.advance(id, next)
    if (this.#progress.hasEnded(id)) this.#idleWatch.forget(id)
  }

  async #isCaughtUp(id: string): Promise<boolean> {
    const range = (await fetchRanges(this.#admin, topicPartition(id).topic)).get(id)
    return range !== undefined && range.high <= this.#progress.next(id)
  }

  #notice(text: string): void {
    this.#options.onNotice?.(text)
  }
}

/** Whether it ends by itself. */
function isBounded({ until, ranges }: KafkaSourceOptions): boolean {
  return until === 'end' || ranges !== undefined
}

function awayNotice(brokers: string, why: string): string {
  const check =
    'check that they run, that the brokers in picket.yaml are right, and that this machine may connect'
  return `can't reach Kafka at ${brokers} yet (${why}); trying on: ${check}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A broker that is away must not hold up closing. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, timeout])
  clearTimeout(timer)
}
