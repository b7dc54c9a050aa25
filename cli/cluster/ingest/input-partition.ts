import type { KafkaMessage } from 'kafkajs'
import { Collector } from '../../../core/engine/collector.ts'
import type { DeadLetter } from '../../../core/event/refusal.ts'
import type { LostRange } from '../../../core/ports/source.ts'
import { durationMs } from '../../../core/time/duration.ts'
import { whyUnreadable } from '../../../ingest/sources/kafka/codecs/unreadable-batch.ts'
import { IdleWatch } from '../../../ingest/sources/kafka/idle-watch.ts'
import { rawRecords } from '../../../ingest/sources/kafka/raw-records.ts'
import { deletedUnread, lostNotice, unreadableOf } from '../../../ingest/sources/kafka/reading-notices.ts'
import { unreadableRanges } from '../../../ingest/sources/kafka/unreadable-ranges.ts'
import { controlMessages } from '../../../storage/kafka/control-messages.ts'
import type { PartitionBatch, PartitionWork, WorkOptions } from '../../../storage/kafka/partition-work.ts'
import { Transactor } from '../../../storage/kafka/transactor.ts'
import type { Located, PartitionLane } from '../../pipeline/partition-lane.ts'
import { Recorder, type RunSetup } from '../../pipeline/recorder.ts'
import type { Cluster, KafkaSourceConfig } from '../cluster.ts'
import { CommitLoop } from '../commit-loop.ts'
import { OutgoingCopies } from '../copy/outgoing-copies.ts'
import { deadLetterMessages } from './dead-letter-messages.ts'
import type { FirstStarts } from './first-starts.ts'
import { writeLeftOff } from './left-off.ts'
import { observationMessages } from './observation-messages.ts'
import { type StartOfPartition, startOfPartition } from './start-of-partition.ts'
import type { IngestTally } from './tally.ts'
import { ToldCounts } from './told-counts.ts'

/** So long observations wait for others, milliseconds: with the ticks at which it is looked, 100. */
const commitEveryMs = 85
/** After a commit that took long, at most: a clock that is set forward meanwhile must not count. */
const pauseMsMax = 1000
/** Events that wait for their commit, at most. */
const uncommittedMax = 20_000

export interface InputOptions extends WorkOptions {
  readonly cluster: Cluster
  readonly source: KafkaSourceConfig
  readonly topic: string
  readonly partition: number
  readonly firstStarts: FirstStarts
  readonly tally: IngestTally
  /** By what it reads, for the control log. */
  readonly setup: RunSetup
  openLane(id: string, start: StartOfPartition): PartitionLane
}

/**
 * One partition of an input topic: from its records to observations. What was collected, the marker that says how far,
 * what was refused and the offset commit in one transaction under the id of the partition, so that a reader that was
 * taken for dead writes nothing more when it wakes.
 */
export class InputPartition implements PartitionWork {
  readonly #options: InputOptions
  readonly #transactor: Transactor
  readonly #start: StartOfPartition
  readonly #lane: PartitionLane
  readonly #collector: Collector
  readonly #copies: OutgoingCopies | undefined
  readonly #commits: CommitLoop
  readonly #idleWatch: IdleWatch
  readonly #deadLetters: DeadLetter[] = []
  readonly #told: ToldCounts
  readonly #recorder = new Recorder()
  #waiting = 0
  #next: number
  #time: number
  #greatest: number
  #isIdle = false
  /** Something that no commit holds yet: at first that the partition is read, and holds time back. */
  #isDirty = true
  /** When the newest commit was begun, and when it ended, epoch milliseconds. */
  #begunAt = 0
  #endedAt = 0

  private constructor(options: InputOptions, transactor: Transactor, start: StartOfPartition) {
    const { cluster, source, place, fail } = options
    this.#options = options
    this.#transactor = transactor
    this.#start = start
    this.#lane = options.openLane(place.id, start)
    cluster.status.lanes.opened(this.#lane)
    this.#collector = new Collector(cluster.config.space, cluster.collected, cluster.hash)
    this.#copies = cluster.isCopied ? new OutgoingCopies(cluster, options.partition) : undefined
    this.#told = new ToldCounts(cluster, this.#lane)
    this.#commits = new CommitLoop(
      () => this.#commit(),
      fail,
      (ms) => cluster.status.committed(ms),
    )
    this.#next = start.offset
    this.#time = start.left?.time ?? Number.NEGATIVE_INFINITY
    this.#greatest = start.left?.greatest ?? Number.NEGATIVE_INFINITY
    // Where nobody has read before, the first event says where reading began.
    const taken = start.left ? new Map([[this.#lane.key, start.offset]]) : new Map<string, number>()
    this.#recorder.begin(taken, this.#reached, options.setup)
    if (start.lostFrom !== undefined) this.#lose(deletedUnread(start.lostFrom, start.offset))
    this.#idleWatch = new IdleWatch({
      idleMs: durationMs(source.idle),
      isBlocked: () => this.#commits.isBusy,
      isCaughtUp: () => this.#isCaughtUp(),
      onIdle: () => this.#idle(),
      onError: (error) =>
        cluster.log.warn({ err: error, partition: place.id }, 'the end of the topic is not told'),
    })
    this.#idleWatch.watch([place.id])
    this.#idleWatch.start()
  }

  /** Fences whoever read the partition before, then goes on where that left off. */
  static async open(options: InputOptions): Promise<InputPartition> {
    const { cluster, source, topic, partition } = options
    const id = `${cluster.prefix}.ingest.${source.name}.${topic}.${partition}`
    const transactor = await Transactor.open(cluster.kafka, id, cluster.transactionMs)
    try {
      const start = await startOfPartition(options)
      return new InputPartition(options, transactor, start)
    } catch (error) {
      await transactor.close()
      throw error
    }
  }

  get reading(): ReadonlyMap<string, number> {
    return new Map([[this.#options.topic, this.#next]])
  }

  async take({ messages, next, high }: PartitionBatch): Promise<void> {
    const { place } = this.#options
    for (const range of unreadableRanges(messages, this.#next))
      this.#lose(unreadableOf(range, this.#next, Number.POSITIVE_INFINITY))
    if (messages.length > 0) this.#idleWatch.active(place.id)
    this.#observe(
      this.#lane.take(
        rawRecords(messages.filter(isReadable), this.#next, Number.POSITIVE_INFINITY, false),
        next,
      ),
    )
    this.#isIdle &&= messages.length === 0
    this.#next = next
    this.#waiting = Math.max(0, high - next)
    this.#isDirty = true
    if (this.#collector.events >= uncommittedMax) await this.#commits.settled()
  }

  tick(): void {
    const now = this.#options.cluster.clock.now()
    this.#isDirty ||= this.#told.isDue(now)
    if (!this.#isDirty || this.#commits.isBusy) return
    // Where commits take long there should be fewer.
    const earliest = Math.max(
      this.#begunAt + commitEveryMs,
      this.#endedAt + Math.min((this.#endedAt - this.#begunAt) / 2, pauseMsMax),
    )
    if (now >= earliest) this.#commits.request()
  }

  async close(): Promise<void> {
    this.#idleWatch.stop()
    await this.#commits.close()
    this.#options.cluster.status.lanes.closed(this.#lane)
    await this.#transactor.close()
  }

  #observe(located: readonly Located[]): void {
    const { cluster, tally } = this.#options
    this.#told.sample(located)
    this.#collector.observeAll(located)
    this.#copies?.events(located)
    for (const { event, time } of located) {
      if (time > this.#time) this.#time = time
      if (event.time > this.#greatest) this.#greatest = event.time
    }
    if (located[0]) this.#recorder.taken(located[0], this.#reached)
    const { deadLetters, clocked = [] } = this.#lane.report()
    this.#recorder.refused(this.#lane.key, clocked, this.#reached)
    this.#deadLetters.push(...deadLetters)
    tally.events += located.length
    tally.refused += deadLetters.length
    cluster.status.refused(deadLetters)
  }

  #idle(): void {
    // Partitions that go on would leave behind what the time gate holds back.
    this.#observe(this.#lane.settle())
    if (!this.#isIdle) this.#recorder.idle(this.#lane.key, this.#reached)
    this.#isIdle = true
    this.#isDirty = true
  }

  /** Up to where the partition alone would let time come. */
  get #reached(): number {
    return this.#time - this.#lane.latenessMs
  }

  /** Records that nobody can read any more, or ever could: told in the log, the metrics and the control log. */
  #lose(range: LostRange): void {
    const { cluster, source, place } = this.#options
    const { from, to, why } = range
    const { key } = this.#lane
    cluster.log.error({ source: source.name }, lostNotice(place.id, range))
    cluster.status.lost(source.name, to - from)
    this.#recorder.lost({ partition: key, from, to }, why, this.#reached)
  }

  async #isCaughtUp(): Promise<boolean> {
    const { cluster, topic, partition } = this.#options
    const ranges = await cluster.inputAdmin.ask((admin) => admin.fetchTopicOffsets(topic))
    return Number(ranges.find((range) => range.partition === partition)?.high) <= this.#next
  }

  async #commit(): Promise<void> {
    const { cluster, source, topic, partition, place } = this.#options
    this.#begunAt = cluster.clock.now()
    const { position, gate, format } = this.#lane.report()
    const [time, greatest] = [this.#time, this.#greatest]
    const packs = this.#collector.drain(cluster.topics.observations.partitions)
    const marker = {
      source: source.name,
      partition: place.id,
      siblings: this.#start.siblings,
      position,
      time,
      greatest,
      latenessMs: this.#lane.latenessMs,
      isIdle: this.#isIdle,
      waiting: this.#waiting,
      ...this.#told.next(cluster.clock.now(), packs),
    }
    const letters = deadLetterMessages(cluster.topics.deadLetters.name, this.#deadLetters.splice(0))
    const by = `ingest ${source.name} ${place.id}`
    const control = controlMessages(cluster.topics.control.name, by, this.#recorder.entries())
    const messages = [...observationMessages(packs, marker, cluster), letters, control]
    const metadata = writeLeftOff({ gate, format, time, greatest })
    const copies = this.#copies?.take()
    this.#isDirty = false
    await this.#transactor.commit({
      messages: copies ? [...messages, await copies] : messages,
      offsets: [{ group: source.group, topic, partition, offset: position, metadata }],
    })
    this.#endedAt = cluster.clock.now()
  }
}

function isReadable(message: KafkaMessage): boolean {
  return whyUnreadable(message) === undefined
}
