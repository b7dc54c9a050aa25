import type { KafkaMessage } from 'kafkajs'
import { responseDefaults } from '../../../core/response/responder-state.ts'
import { whyUnreadable } from '../../../ingest/sources/kafka/codecs/unreadable-batch.ts'
import { committedOffset } from '../../../storage/kafka/committed-offset.ts'
import type { PartitionBatch, PartitionWork, WorkOptions } from '../../../storage/kafka/partition-work.ts'
import { barrierKey, ResponseRecords } from '../../../storage/kafka/response-records.ts'
import { Transactor } from '../../../storage/kafka/transactor.ts'
import { createDetection } from '../../runtime/detection.ts'
import type { Cluster } from '../cluster.ts'
import { CommitLoop } from '../commit-loop.ts'
import { readFinding } from '../detect/finding-messages.ts'
import { type HeldPartitions, Holding } from '../holding.ts'
import { unreadableText } from '../unreadable.ts'
import { PendingFindings } from './pending-findings.ts'
import { Responder } from './responder.ts'
import { TrafficView } from './traffic-view.ts'

/** How often decisions are held against the world, milliseconds. */
const reconcileEveryMs = 1000

export interface RespondOptions extends WorkOptions {
  readonly cluster: Cluster
  readonly held: HeldPartitions
}

interface Start {
  /** Offset of the barrier in each topic that is restored from. */
  readonly barriers: ReadonlyMap<string, number>
  readonly reading: ReadonlyMap<string, number>
  /** Offset of the findings to read on from. */
  readonly next: number
}

/**
 * The place of the one responder. It begins by reading what was committed, up to barriers that it wrote after fencing the
 * responder before; from then on it alone plans, acts and decides.
 */
export class RespondPlace implements PartitionWork {
  readonly #options: RespondOptions
  readonly #transactor: Transactor
  readonly #barriers: Map<string, number>
  readonly #reading: Map<string, number>
  readonly #records = new ResponseRecords()
  readonly #traffic: TrafficView
  readonly #pending = new PendingFindings()
  readonly #accepts: CommitLoop
  readonly #holding: Holding
  readonly #closed = new AbortController()
  readonly #term: number
  #next: number
  #starting: Promise<void> | undefined
  #responder: Responder | undefined
  #reconciledAt = 0
  #reconciling: Promise<void> | undefined

  private constructor(options: RespondOptions, transactor: Transactor, start: Start) {
    const { cluster, fail } = options
    const { config, key, topics } = cluster
    this.#options = options
    this.#transactor = transactor
    this.#barriers = new Map(start.barriers)
    this.#reading = new Map(start.reading)
    // Grows with every responder, because each writes a barrier of its own.
    this.#term = (start.barriers.get(topics.response.name) ?? 0) + 1
    this.#next = start.next
    const { engine } = createDetection({ config, detectors: [], lane: 'live', key, keeping: 'nothing' })
    this.#traffic = new TrafficView(engine, cluster)
    this.#holding = new Holding({ ...options, topic: topics.findings.name, partition: 0 })
    this.#accepts = new CommitLoop(() => this.#accept(), fail)
  }

  static async open(options: RespondOptions): Promise<RespondPlace> {
    const { cluster } = options
    const { topics, prefix, kafka, admin, transactionMs } = cluster
    const { response, decisions, traffic, findings } = topics
    const transactor = await Transactor.open(kafka, `${prefix}.respond`, transactionMs)
    try {
      const barrier = { key: barrierKey, value: prefix, partition: 0 }
      const written = await transactor.commit({
        messages: [
          { topic: response.name, messages: [barrier] },
          { topic: decisions.name, messages: [barrier] },
          { topic: traffic.name, messages: [{ ...barrier, value: null }] },
        ],
      })
      const group = `${prefix}.respond`
      const lowOf = async (topic: string) => Number((await admin.fetchTopicOffsets(topic))[0]?.low ?? 0)
      const committed = await committedOffset(admin, { group, topic: findings.name, partition: 0 })
      const reading = [response.name, decisions.name, traffic.name].map(
        async (topic) => [topic, await lowOf(topic)] as const,
      )
      return new RespondPlace(options, transactor, {
        barriers: new Map(written.map(({ topicName, baseOffset }) => [topicName, Number(baseOffset)])),
        reading: new Map(await Promise.all(reading)),
        next: Math.max(committed?.offset ?? 0, await lowOf(findings.name)),
      })
    } catch (error) {
      await transactor.close()
      throw error
    }
  }

  get reading(): ReadonlyMap<string, number> {
    const { findings } = this.#options.cluster.topics
    const isHeld = this.#holding.text !== undefined
    const isReady = this.#responder !== undefined && !this.#pending.isFull && !isHeld
    return isReady ? new Map([...this.#reading, [findings.name, this.#next]]) : this.#reading
  }

  get notReady(): string | undefined {
    return this.#responder ? this.#holding.text : 'what was done before is being read'
  }

  async take(batch: PartitionBatch): Promise<void> {
    const { topic, next } = batch
    if (topic === this.#options.cluster.topics.findings.name) {
      this.#takeFindings(batch)
      this.#accepts.request()
      return
    }
    for (const message of batch.messages) this.#takeKnown(batch, message)
    this.#reading.set(topic, next)
    this.#restored(topic, next)
  }

  tick(): void {
    const responder = this.#responder
    if (!responder) return
    if (!this.#pending.isEmpty) this.#accepts.request()
    const now = this.#options.cluster.clock.now()
    if (now - this.#reconciledAt < reconcileEveryMs) return
    this.#reconciledAt = now
    this.#holding.look(now)
    this.#traffic.forget()
    responder.release()
    this.#reconciling ??= responder
      .reconcile()
      .catch(this.#options.fail)
      .finally(() => {
        this.#reconciling = undefined
      })
  }

  async close(): Promise<void> {
    this.#closed.abort()
    await this.#starting
    await this.#responder?.stop()
    await this.#accepts.close()
    await this.#transactor.close()
  }

  #takeFindings({ messages, next }: PartitionBatch): void {
    this.#next = next
    for (const message of messages) {
      const offset = Number(message.offset)
      try {
        if (!this.#holding.stopsBefore(offset)) {
          const found = readFinding(readable(message))
          if (found) this.#pending.add(found, offset + 1)
          continue
        }
      } catch (error) {
        this.#holding.met(offset, error)
        this.#holding.stopsBefore(offset)
      }
      this.#next = offset
      return
    }
  }

  /** What was done, decided or counted must be whole: without it nobody knows whom an action would hit. */
  #takeKnown({ topic, partition }: PartitionBatch, message: KafkaMessage): void {
    const { traffic, response } = this.#options.cluster.topics
    try {
      const { key, value } = readable(message)
      if (topic === traffic.name) {
        if (value) this.#traffic.take(value)
      } else if (topic === response.name) this.#records.takeResponse(String(key), value)
      else this.#records.takeDecision(String(key), value)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(unreadableText(topic, partition, { offset: Number(message.offset), why }))
    }
  }

  /** Begins to respond once each topic is read up to its barrier. */
  #restored(topic: string, next: number): void {
    const { traffic } = this.#options.cluster.topics
    const barrier = this.#barriers.get(topic)
    if (barrier === undefined || next <= barrier) return
    this.#barriers.delete(topic)
    // What it commits itself it need not read; traffic goes on.
    if (topic !== traffic.name) this.#reading.delete(topic)
    if (this.#barriers.size === 0) this.#starting ??= this.#start().catch(this.#options.fail)
  }

  async #start(): Promise<void> {
    const { cluster } = this.#options
    const responder = await Responder.start(
      {
        cluster,
        transactor: this.#transactor,
        term: this.#term,
        records: this.#records,
        traffic: this.#traffic,
        closed: this.#closed.signal,
      },
      responseDefaults.attempts.attemptTimeoutMs,
    )
    this.#responder = responder
  }

  async #accept(): Promise<void> {
    const { topics, prefix } = this.#options.cluster
    const { findings, next } = this.#pending.take((positions) => this.#traffic.hasSeen(positions))
    if (findings.length === 0) return
    const offset = { group: `${prefix}.respond`, topic: topics.findings.name, partition: 0, offset: next }
    await this.#responder?.accept(findings, offset)
  }
}

/** Throws for what stands in place of a batch that could not be unpacked. */
function readable(message: KafkaMessage): KafkaMessage {
  const why = whyUnreadable(message)
  if (why !== undefined) throw new RangeError(why)
  return message
}
