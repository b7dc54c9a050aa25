import kafkajs from 'kafkajs'
import { type Positions, partitionKey } from '../../../core/event/position.ts'
import type { Backlog, LostRange } from '../../../core/ports/source.ts'
import { awaitTopics } from './await-topics.ts'
import { wasRead } from './chosen-topics.ts'
import { brokerNames, kafkajsConfig } from './connection.ts'
import { connectionProblem } from './connection-problem.ts'
import { HandOver, takenWhileAlive } from './hand-over.ts'
import { IdleWatch } from './idle-watch.ts'
import type { KafkaSourceOptions } from './kafka-source.ts'
import { KafkajsConsumer } from './kafkajs-consumer.ts'
import { KeptAdmin } from './kept-admin.ts'
import { PartitionProgress } from './partition-progress.ts'
import { rawRecords } from './raw-records.ts'
import { RdkafkaConsumer } from './rdkafka/rdkafka-consumer.ts'
import { awayNotice, deletedUnread, lostNotice, movedNotice, unreadableOf } from './reading-notices.ts'
import { Subscription } from './subscription.ts'
import type { ConsumerListener, Fetched, TopicConsumer } from './topic-consumer.ts'
import {
  fetchRanges,
  type OffsetRange,
  recreated,
  requireRanges,
  startOffset,
  topicPartition,
} from './topic-offsets.ts'
import { type SeenTopics, TopicWatch } from './topic-watch.ts'
import { within } from './within.ts'

const { Kafka, logLevel } = kafkajs

const heartbeatMs = 3000
const closeMsMax = 5000
const watchMsDefault = 10_000
/** Whoever waits for a reading to end wants to know soon that it can't begin. */
const endingPatienceMs = 10_000

/** One reading of the topics, from start to close. */
export class KafkaReading implements ConsumerListener {
  readonly handOver = new HandOver()
  readonly #options: KafkaSourceOptions
  readonly #stored: Positions
  readonly #admin: KeptAdmin
  readonly #consumer: TopicConsumer
  readonly #subscription: Subscription
  readonly #idleWatch: IdleWatch
  readonly #topicWatch: TopicWatch
  readonly #progress: PartitionProgress
  readonly #closing = new AbortController()
  #starting: Promise<void> = Promise.resolve()
  #committing: Promise<void> | undefined

  constructor(options: KafkaSourceOptions, stored: Positions) {
    const { connection, groupId, client, rdkafka, topics, watchMs = watchMsDefault } = options
    this.#options = options
    this.#stored = stored
    this.#progress = new PartitionProgress(this.handOver, isBounded(options))
    this.#admin = new KeptAdmin(new Kafka({ ...kafkajsConfig(connection), logLevel: logLevel.NOTHING }))
    this.#consumer =
      client === 'rdkafka'
        ? new RdkafkaConsumer({ connection, groupId, ...(rdkafka && { rdkafka }) }, this)
        : new KafkajsConsumer(connection, groupId, this)
    this.#subscription = new Subscription(this.#consumer, (text) => this.notice(text))
    this.#idleWatch = new IdleWatch({
      idleMs: options.idleMs ?? 30_000,
      isBlocked: () => this.handOver.isWaiting,
      isCaughtUp: (id) => this.#isCaughtUp(id),
      onIdle: (partition) => this.handOver.tell({ kind: 'idle', partition }),
      onError: (error) => this.notice(`can't ask Kafka for the end of a topic: ${messageOf(error)}`),
    })
    this.#topicWatch = new TopicWatch({
      admin: this.#admin,
      topics,
      everyMs: watchMs,
      before: () => new Map(this.#progress.assigned.map((id) => [id, this.next(id)])),
      onSeen: (seen) => this.#seen(seen),
      onError: (error) => this.notice(`can't ask Kafka which topics there are: ${messageOf(error)}`),
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
    this.#topicWatch.stop()
    this.#admin.close()
    await within(
      closeMsMax,
      this.#starting.then(() => this.#subscription.close()),
    )
  }

  /** For lag metrics: a failure means an old number in a graph, and the next commit mends it. */
  async commit(positions: Positions): Promise<void> {
    if (this.#committing) return
    const known = this.#progress.assigned.flatMap((partition) => {
      const offset = positions.get(partitionKey(this.#options.id, partition))
      return offset === undefined ? [] : [{ partition, offset }]
    })
    if (known.length === 0) return
    this.#committing = this.#consumer.commit(known).catch(() => {})
    await this.#committing
    this.#committing = undefined
  }

  backlog(): readonly Backlog[] {
    return this.#progress.backlog()
  }

  assigned(ids: readonly string[]): void {
    const taken = this.#progress.assign(ids)
    const moved = taken.filter((id) => this.#subscription.has(topicPartition(id).topic))
    if (moved.length > 0 && !this.#closing.signal.aborted)
      this.notice(movedNotice(moved, this.#options.groupId))
    this.#idleWatch.watch(ids.filter((id) => !this.#progress.hasEnded(id)))
  }

  next(id: string): number {
    return this.#progress.next(id)
  }

  async fetched(fetched: Fetched, heartbeat: () => Promise<void>): Promise<boolean> {
    const { partition: id, messages, from, high } = fetched
    if (this.#progress.hasEnded(id)) return true
    const next = this.#progress.next(id)
    if (high < next) {
      this.failed(recreated(id, next, high))
      return false
    }
    const following = this.#progress.behind(id, fetched.next)
    const until = this.#progress.until(id)
    const lost = [
      ...(from > next ? [deletedUnread(next, from)] : []),
      ...fetched.unreadable.map((range) => unreadableOf(range, next, until)),
    ].filter((range) => range.to > range.from)
    this.#tell(id, lost)
    this.#progress.reaches(id, high)
    this.#idleWatch.active(id)
    const records = rawRecords(messages, next, until, this.#options.trustTimestamp ?? false)
    const batch = { kind: 'records', partition: id, records, next: following } as const
    const offer = this.handOver.offer(lost.length > 0 ? { ...batch, lost } : batch)
    if (!(await takenWhileAlive(offer, heartbeat, heartbeatMs))) return false
    this.#idleWatch.active(id)
    this.#advance(id, following)
    return true
  }

  passedOver(id: string, behind: number): void {
    const next = this.#progress.behind(id, behind)
    if (this.#progress.hasEnded(id) || next === this.next(id)) return
    this.handOver.offer({ kind: 'records', partition: id, records: [], next })
    this.#advance(id, next)
  }

  notice(text: string): void {
    this.#options.onNotice?.(text)
  }

  failed(error: Error): void {
    this.handOver.fail(error)
  }

  async #start(): Promise<void> {
    const { connection, topics, ranges: wanted } = this.#options
    const brokers = brokerNames(connection)
    try {
      const ranges = await awaitTopics({
        connection,
        topics,
        signal: this.#closing.signal,
        onAway: (why) => this.notice(awayNotice(brokers, why)),
        ...(isBounded(this.#options) ? { patienceMs: endingPatienceMs } : {}),
      })
      if (!ranges) return
      if (wanted) requireRanges(wanted, ranges)
      for (const [id, range] of ranges) this.#begin(id, range, this.#firstStart(id))
      await this.#subscription.open([...new Set([...ranges.keys()].map((id) => topicPartition(id).topic))])
      this.#idleWatch.start()
      if (!isBounded(this.#options)) this.#topicWatch.start()
    } catch (error) {
      if (!(error instanceof Error) || !error.name.startsWith('KafkaJS')) throw error
      const why = connectionProblem(error, connection)?.message ?? error.message
      throw new Error(`cannot read Kafka at ${brokers}: ${why}`, { cause: error })
    }
  }

  /** What was read before of the same entry makes a partition one that appeared since. */
  #firstStart(id: string): 'earliest' | 'latest' {
    const { id: source, topics, from = 'earliest' } = this.#options
    const prefix = partitionKey(source, '')
    const read = [...this.#stored.keys()].flatMap((key) =>
      key.startsWith(prefix) ? [topicPartition(key.slice(prefix.length)).topic] : [],
    )
    return wasRead(read, topics, topicPartition(id).topic) ? 'earliest' : from
  }

  #begin(id: string, range: OffsetRange, otherwise: 'earliest' | 'latest'): void {
    const { id: source, ranges } = this.#options
    if (ranges) {
      const { from, to } = ranges.get(id) ?? { from: 0, to: 0 }
      this.#progress.begin(id, { low: from, high: to }, from)
      return
    }
    const stored = this.#stored.get(partitionKey(source, id))
    const offset = startOffset(id, stored, range, otherwise)
    const lost = stored !== undefined && offset > stored ? deletedUnread(stored, offset) : undefined
    if (lost) this.#tell(id, [lost])
    this.#progress.begin(id, range, offset, lost)
  }

  async #seen(seen: SeenTopics): Promise<void> {
    for (const [id, range] of seen.ranges) {
      const before = seen.positions.get(id)
      if (before !== undefined && range.high < before) return this.failed(recreated(id, before, range.high))
      if (this.#progress.isBegun(id)) this.#progress.reaches(id, range.high)
      else this.#begin(id, range, 'earliest')
    }
    await this.#subscription.follow(seen)
  }

  #advance(id: string, next: number): void {
    this.#progress.advance(id, next)
    if (this.#progress.hasEnded(id)) this.#idleWatch.forget(id)
  }

  #tell(id: string, lost: readonly LostRange[]): void {
    for (const range of lost) this.notice(lostNotice(id, range))
  }

  async #isCaughtUp(id: string): Promise<boolean> {
    const ranges = await this.#admin.ask((admin) => fetchRanges(admin, topicPartition(id).topic))
    return (ranges.get(id)?.high ?? Number.POSITIVE_INFINITY) <= this.#progress.next(id)
  }
}

/** Whether it ends by itself. */
function isBounded({ until, ranges }: KafkaSourceOptions): boolean {
  return until === 'end' || ranges !== undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
