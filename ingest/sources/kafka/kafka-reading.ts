import { type Admin, type Consumer, type EachBatchPayload, Kafka, logLevel } from 'kafkajs'
import { type Positions, partitionKey } from '../../../core/event/position.ts'
import { HandOver } from './hand-over.ts'
import { IdleWatch } from './idle-watch.ts'
import type { KafkaSourceOptions } from './kafka-source.ts'
import { rawRecords } from './raw-records.ts'
import {
  fetchRanges,
  type OffsetRange,
  partitionId,
  recreated,
  requireTopics,
  startOffset,
  topicPartition,
} from './topic-offsets.ts'
import { markUnsupportedCodecs, unsupportedCodec } from './unsupported-codecs.ts'

/** A fetch without messages takes this long, and closing waits for one. */
const fetchMsMax = 250
const heartbeatMs = 3000
const closeMsMax = 5000

/** One reading of the topics, from start to close. */
export class KafkaReading {
  readonly handOver = new HandOver()
  readonly #options: KafkaSourceOptions
  readonly #stored: Positions
  readonly #admin: Admin
  readonly #consumer: Consumer
  readonly #idleWatch: IdleWatch
  /** As the topics were when reading began. */
  readonly #ranges = new Map<string, OffsetRange>()
  /** Next offset by partition: everything before it was handed over. */
  readonly #next = new Map<string, number>()
  #assigned = new Set<string>()
  readonly #ended = new Set<string>()
  #starting: Promise<void> = Promise.resolve()
  #committing: Promise<void> | undefined

  constructor(options: KafkaSourceOptions, stored: Positions) {
    this.#options = options
    this.#stored = stored
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
    this.#idleWatch.stop()
    const closed = this.#starting.then(() =>
      Promise.allSettled([this.#consumer.disconnect(), this.#admin.disconnect()]),
    )
    await within(closeMsMax, closed)
  }

  /** For lag metrics: a failure means an old number in a graph, and the next commit mends it. */
  async commit(positions: Positions): Promise<void> {
    if (this.#committing) return
    const offsets = [...this.#assigned].flatMap((id) => {
      const offset = positions.get(partitionKey(this.#options.id, id))
      return offset === undefined ? [] : [{ ...topicPartition(id), offset: String(offset) }]
    })
    if (offsets.length === 0) return
    this.#committing = this.#consumer.commitOffsets(offsets).catch(() => {})
    await this.#committing
    this.#committing = undefined
  }

  async #start(): Promise<void> {
    const { client, topics } = this.#options
    const brokers = client.brokers.join(', ')
    try {
      await this.#admin.connect()
      await requireTopics(this.#admin, topics, brokers)
      for (const topic of topics) {
        for (const [id, range] of await fetchRanges(this.#admin, topic)) this.#begin(id, range)
      }
      await this.#consume(topics)
    } catch (error) {
      if (!(error instanceof Error) || !error.name.startsWith('KafkaJS')) throw error
      throw new Error(`cannot read Kafka at ${brokers}: ${error.message}`, { cause: error })
    }
  }

  #begin(id: string, range: OffsetRange): void {
    const stored = this.#stored.get(partitionKey(this.#options.id, id))
    const { offset, lost } = startOffset(id, stored, range, this.#options.from ?? 'earliest')
    if (lost > 0) this.#notice(`Kafka deleted ${lost} records of ${id} by retention before they were read`)
    this.#ranges.set(id, range)
    this.#next.set(id, offset)
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
    const before = this.#assigned
    this.#assigned = new Set(ids)
    for (const id of ids) {
      const offset = this.#next.get(id) ?? 0
      this.#next.set(id, offset)
      this.#consumer.seek({ ...topicPartition(id), offset: String(offset) })
      if (before.has(id) && this.#ended.has(id)) continue
      this.#idleWatch.active(id)
      if (before.has(id)) continue
      this.#ended.delete(id)
      this.handOver.tell({ kind: 'opened', partition: id })
    }
    for (const id of before) if (!this.#assigned.has(id)) this.#end(id)
    for (const id of ids) this.#endIfRead(id)
  }

  async #handle({ batch, heartbeat, resolveOffset }: EachBatchPayload): Promise<void> {
    const id = partitionId(batch.topic, batch.partition)
    const codec = unsupportedCodec(batch.messages[0]) ?? unsupportedCodec(batch.messages.at(-1))
    if (codec) return this.handOver.fail(this.#unsupported(id, codec))
    const next = this.#next.get(id) ?? 0
    if (Number(batch.highWatermark) < next)
      return this.handOver.fail(recreated(id, next, Number(batch.highWatermark)))
    const lastOffset = batch.lastOffset()
    if (this.#ended.has(id)) return resolveOffset(lastOffset)
    const until = this.#until(id)
    const records = rawRecords(batch.messages, next, until, this.#options.trustTimestamp ?? false)
    this.#idleWatch.active(id)
    const following = Math.min(until, Math.max(next, Number(lastOffset) + 1))
    const offer = this.handOver.offer({ kind: 'records', partition: id, records, next: following })
    let lost: unknown
    // Without a heartbeat the group takes the partition away while the reader is busy.
    const timer = setInterval(() => {
      heartbeat().catch((error: unknown) => {
        lost = error
        offer.withdraw()
      })
    }, heartbeatMs)
    const isTaken = await offer.taken
    clearInterval(timer)
    if (!isTaken && lost) throw lost
    if (!isTaken) return
    this.#next.set(id, following)
    resolveOffset(lastOffset)
    this.#idleWatch.active(id)
    this.#endIfRead(id)
  }

  #passOver(id: string, lastOffset: string): void {
    if (this.#ended.has(id)) return
    const next = Math.min(this.#until(id), Math.max(this.#next.get(id) ?? 0, Number(lastOffset) + 1))
    this.#next.set(id, next)
    this.handOver.offer({ kind: 'records', partition: id, records: [], next })
    this.#endIfRead(id)
  }

  #endIfRead(id: string): void {
    if ((this.#next.get(id) ?? 0) < this.#until(id)) return
    this.#end(id)
    const isAllRead = [...this.#assigned].every((other) => this.#ended.has(other))
    if (isAllRead) this.handOver.finish()
  }

  /** Offset before which reading ends. */
  #until(id: string): number {
    const range = this.#options.until === 'end' ? this.#ranges.get(id) : undefined
    return range?.high ?? Number.POSITIVE_INFINITY
  }

  #end(partition: string): void {
    this.#idleWatch.forget(partition)
    if (this.#ended.has(partition)) return
    this.#ended.add(partition)
    this.handOver.tell({ kind: 'ended', partition })
  }

  async #isCaughtUp(id: string): Promise<boolean> {
    const range = (await fetchRanges(this.#admin, topicPartition(id).topic)).get(id)
    return range !== undefined && range.high <= (this.#next.get(id) ?? 0)
  }

  #unsupported(id: string, codec: string): Error {
    return new Error(
      `Kafka partition ${id} holds messages compressed with ${codec} at or after offset ${this.#next.get(id)}, and ` +
        `no ${codec} codec is registered: produce with gzip or none, or set compression.type=gzip on the topic`,
    )
  }

  #notice(text: string): void {
    this.#options.onNotice?.(text)
  }
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
