import type { KafkaMessage } from 'kafkajs'
import { committedOffset } from '../../../storage/kafka/committed-offset.ts'
import type { PartitionBatch, PartitionWork, WorkOptions } from '../../../storage/kafka/partition-work.ts'
import { Transactor } from '../../../storage/kafka/transactor.ts'
import type { Cluster } from '../cluster.ts'
import { CommitLoop } from '../commit-loop.ts'
import { type HeldPartitions, Holding } from '../holding.ts'
import { CopyCut } from './copy-cut.ts'
import { barrierKey, type Copy, readCopy } from './copy-messages.ts'
import type { CopySender, Sent } from './copy-sender.ts'
import { readNotedEnd, writeNotedEnd } from './noted-end.ts'

/** What is inserted together waits so long for more, milliseconds, unless it is full. */
const cutEveryMs = 1000
const cutMax = { rows: 16_000, bytes: 4 * 1024 * 1024 }
/** Cuts that wait in memory; with more of them nothing is read. */
const waitingMax = 2

export interface CopyOptions extends WorkOptions {
  readonly cluster: Cluster
  readonly partition: number
  readonly sender: CopySender
  readonly held: HeldPartitions
  readonly onSent: (sent: Sent) => void
}

/**
 * One partition of the topic of copies: from its messages to rows in ClickHouse, each once. Where a cut ends is noted in Kafka, by
 * a transaction that fences whoever had the partition before, and only then is it inserted, under tokens that the noted
 * offsets decide. So whoever takes over inserts the same cut again, and ClickHouse drops what it has.
 */
export class CopyPartition implements PartitionWork {
  readonly #options: CopyOptions
  readonly #transactor: Transactor
  readonly #loop: CommitLoop
  readonly #closed = new AbortController()
  readonly #holding: Holding
  readonly #waiting: CopyCut[] = []
  #growing: CopyCut
  /** The cut that the predecessor may have inserted. */
  readonly #noted: NotedCut | undefined
  /** Where it ends, until that is reached. */
  #notedEnd: number | undefined
  #next: number
  /** Enough waits: nothing is read until the next tick that finds room. */
  #isHeld = false
  /** `performance.now` before the newest transaction that went through: until then nobody had taken over. */
  #provenAt = 0

  private constructor(options: CopyOptions, transactor: Transactor, from: number, noted?: NotedCut) {
    this.#options = options
    this.#transactor = transactor
    this.#loop = new CommitLoop(() => this.#store(), options.fail)
    this.#holding = new Holding({ ...options, topic: this.#topic })
    this.#next = from
    this.#growing = new CopyCut(from, 0)
    this.#noted = noted
    this.#notedEnd = noted?.until
  }

  static async open(options: CopyOptions): Promise<CopyPartition> {
    const { cluster, partition } = options
    const { topics, prefix, kafka, admin, transactionMs, log } = cluster
    const topic = topics.copies.name
    const transactor = await Transactor.open(kafka, `${prefix}.copy.${partition}`, transactionMs)
    try {
      const committed = await committedOffset(admin, { group: `${prefix}.copy`, topic, partition })
      const low = await lowOffset(options)
      const lost = committed ? low - committed.offset : 0
      if (lost > 0)
        log.error({ topic, partition, lost }, 'copies were deleted by retention before they were stored')
      const until = readNotedEnd(committed?.metadata)
      const noted = committed && until !== undefined ? { from: committed.offset, until } : undefined
      return new CopyPartition(options, transactor, Math.max(committed?.offset ?? 0, low), noted)
    } catch (error) {
      await transactor.close()
      throw error
    }
  }

  get notReady(): string | undefined {
    return this.#holding.text
  }

  get reading(): ReadonlyMap<string, number> {
    return this.#isHeld || this.#holding.text ? new Map() : new Map([[this.#topic, this.#next]])
  }

  async take({ messages, next }: PartitionBatch): Promise<void> {
    for (const message of messages) {
      const offset = Number(message.offset)
      this.#endAt(offset)
      if (this.#waiting.length >= waitingMax) {
        this.#next = offset
        this.#isHeld = true
        return
      }
      const copy = await this.#read(message)
      if (this.#holding.stopsBefore(offset)) {
        this.#next = offset
        return
      }
      if (!copy) continue
      if (this.#growing.rows === 0) this.#growing = new CopyCut(this.#growing.from, this.#now())
      this.#growing.add(copy, offset)
      const { rows, bytes } = this.#growing
      if (rows >= cutMax.rows || bytes >= cutMax.bytes) this.#endUnlessNoted()
    }
    this.#next = next
    this.#endAt(next)
  }

  tick(): void {
    if (this.#waiting.length < waitingMax) this.#isHeld = false
    this.#holding.look(this.#now())
    const { rows, begunAt } = this.#growing
    if (rows > 0 && this.#now() - begunAt >= cutEveryMs) this.#endUnlessNoted()
  }

  async close(): Promise<void> {
    this.#closed.abort()
    await this.#loop.close()
    await this.#transactor.close()
  }

  get #topic(): string {
    return this.#options.cluster.topics.copies.name
  }

  #now(): number {
    return performance.now()
  }

  /** What can't be read is only met: what lies before it can be stored, and the work goes on. */
  async #read(message: KafkaMessage): Promise<Copy | undefined> {
    try {
      return await readCopy(message)
    } catch (error) {
      this.#holding.met(Number(message.offset), error)
      return undefined
    }
  }

  /** Ends the cut where the predecessor did, once everything before `offset` is in it. */
  #endAt(offset: number): void {
    if (this.#notedEnd === undefined || offset < this.#notedEnd) return
    this.#notedEnd = undefined
    this.#end()
  }

  #endUnlessNoted(): void {
    if (this.#notedEnd === undefined) this.#end()
  }

  #end(): void {
    const cut = this.#growing
    if (cut.rows === 0) return
    this.#waiting.push(cut)
    this.#growing = new CopyCut(cut.until, 0)
    this.#loop.request()
  }

  /** Notes and inserts the cuts that wait, one after the other, and notes at last that they are stored. */
  async #store(): Promise<void> {
    const { cluster, sender, onSent, place } = this.#options
    const { signal } = this.#closed
    let stored: number | undefined
    for (let cut = this.#waiting[0]; cut; cut = this.#waiting[0]) {
      const { from, until } = cut
      const overtaken = await this.#overtaken(cut)
      // The note that is there stays until the rest is set aside: another would pass for a whole cut.
      if (!overtaken) await this.#note(from, until)
      const confirm = async () => {
        // A process that slept may insert what ClickHouse has forgotten to have.
        if (this.#now() - this.#provenAt >= cluster.sessionMs / 2) await this.#note(from, until)
      }
      for (const batch of cut.batches(cluster.config.space, 'live', `${this.#topic}:${place.id}`)) {
        onSent(
          overtaken
            ? await sender.setAside(batch, 'overtaken', overtaken)
            : await sender.send(batch, { confirm, signal }),
        )
        if (signal.aborted) return
      }
      stored = until
      this.#waiting.shift()
    }
    if (stored !== undefined) await this.#note(stored)
  }

  /**
   * Says so where the predecessor's cut can't be made again in full: with other rows it would be inserted once more under other
   * tokens. What is left of it is then looked up, by `picket refill`.
   */
  async #overtaken({ until }: CopyCut): Promise<string | undefined> {
    const noted = this.#noted
    if (noted?.until !== until) return undefined
    const low = await lowOffset(this.#options)
    if (low <= noted.from) return undefined
    return `${this.#topic}:${this.#options.partition} begins at ${low}, and the cut at ${noted.from}`
  }

  /** Everything before `from` is stored, and what is inserted next ends at `until`. Throws `FencedError` once another has taken over. */
  async #note(from: number, until?: number): Promise<void> {
    const { cluster, partition } = this.#options
    const begun = this.#now()
    await this.#transactor.commit({
      // A transaction needs a message.
      messages: [{ topic: this.#topic, messages: [{ key: barrierKey, value: null, partition }] }],
      offsets: [
        {
          group: `${cluster.prefix}.copy`,
          topic: this.#topic,
          partition,
          offset: from,
          metadata: writeNotedEnd(until),
        },
      ],
    })
    this.#provenAt = begun
  }
}

/** What was noted beside the offset: from there to before `until`. */
interface NotedCut {
  readonly from: number
  readonly until: number
}

/** The first offset of the partition that retention left. */
async function lowOffset({ cluster, partition }: CopyOptions): Promise<number> {
  const ranges = await cluster.admin.fetchTopicOffsets(cluster.topics.copies.name)
  return Number(ranges.find((range) => range.partition === partition)?.low ?? 0)
}
