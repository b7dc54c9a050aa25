import type { Message } from 'kafkajs'
import { decodeObservation } from '../../../core/cluster/observation.ts'
import { SourceTimes } from '../../../core/cluster/source-times.ts'
import type { Finding } from '../../../core/detector/finding.ts'
import type { Engine } from '../../../core/engine/engine.ts'
import { committedOffset } from '../../../storage/kafka/committed-offset.ts'
import type { PartitionBatch, PartitionWork, WorkOptions } from '../../../storage/kafka/partition-work.ts'
import { Transactor } from '../../../storage/kafka/transactor.ts'
import { KeptTime } from '../../pipeline/kept-time.ts'
import type { Cluster } from '../cluster.ts'
import { CommitLoop } from '../commit-loop.ts'
import { OutgoingCopies } from '../copy/outgoing-copies.ts'
import { barrierKey, StateRecords, stateMessages } from './changelog.ts'
import { findingMessages } from './finding-messages.ts'
import { OpenFindings } from './open-findings.ts'

/** How often state is committed while nothing is found, milliseconds. */
const commitEveryMs = 250
/** Bytes of observations that a crash would have to judge again, at most. */
const uncommittedBytesMax = 16e6

export interface DetectOptions extends WorkOptions {
  readonly cluster: Cluster
  readonly partition: number
  openEngine(): Engine
  readonly onFindings: (findings: readonly Finding[]) => void
  readonly onLate: (events: number) => void
}

/**
 * One partition of entities: merges what was collected of them, seals, judges. Findings, changed state and how far it read
 * commit in one transaction. It begins by reading its state from the changelog, up to a barrier that it wrote there after
 * fencing whoever had the partition before: nothing can come behind that but its own.
 */
export class DetectPartition implements PartitionWork {
  readonly #options: DetectOptions
  readonly #transactor: Transactor
  readonly #engine: Engine
  readonly #times: SourceTimes
  readonly #kept = new KeptTime()
  readonly #open: OpenFindings
  readonly #copies: OutgoingCopies | undefined
  readonly #commits: CommitLoop
  /** Until the barrier is read. */
  #restoring: { readonly records: StateRecords; readonly barrier: number; next: number } | undefined
  #next: number
  #uncommittedBytes = 0
  #isDirty = false
  #committedAt = 0

  private constructor(
    options: DetectOptions,
    transactor: Transactor,
    start: { next: number; barrier: number },
  ) {
    const { cluster, fail } = options
    this.#options = options
    this.#transactor = transactor
    this.#engine = options.openEngine()
    this.#times = new SourceTimes(cluster.expected)
    this.#open = new OpenFindings(cluster.loaded.detectors)
    this.#copies = cluster.isCopied ? new OutgoingCopies(cluster, options.partition) : undefined
    this.#commits = new CommitLoop(() => this.#commit(), fail)
    this.#next = start.next
    this.#restoring = { records: new StateRecords(), barrier: start.barrier, next: 0 }
  }

  static async open(options: DetectOptions): Promise<DetectPartition> {
    const { cluster, partition } = options
    const { topics, prefix, kafka, admin, transactionMs } = cluster
    const { observations, state } = topics
    const transactor = await Transactor.open(kafka, `${prefix}.detect.${partition}`, transactionMs)
    try {
      const barrier = { key: barrierKey, value: prefix, partition }
      const [written] = await transactor.commit({ messages: [{ topic: state.name, messages: [barrier] }] })
      const group = `${prefix}.detect`
      const committed = await committedOffset(admin, { group, topic: observations.name, partition })
      const ranges = await admin.fetchTopicOffsets(observations.name)
      const low = Number(ranges.find((range) => range.partition === partition)?.low ?? 0)
      const lost = committed ? low - committed.offset : 0
      if (lost > 0)
        cluster.log.error(
          { partition, lost },
          'observations were deleted by retention before they were judged',
        )
      const next = Math.max(committed?.offset ?? 0, low)
      return new DetectPartition(options, transactor, { next, barrier: Number(written?.baseOffset) })
    } catch (error) {
      await transactor.close()
      throw error
    }
  }

  get reading(): ReadonlyMap<string, number> {
    const { observations, state } = this.#options.cluster.topics
    return this.#restoring
      ? new Map([[state.name, this.#restoring.next]])
      : new Map([[observations.name, this.#next]])
  }

  async take(batch: PartitionBatch): Promise<void> {
    if (this.#restoring) return this.#restore(batch)
    const { cluster } = this.#options
    for (const { value } of batch.messages) {
      if (!value) continue
      this.#uncommittedBytes += value.length
      const { records, layout, marker } = decodeObservation(value)
      if (layout === cluster.layout) for (const record of records) this.#engine.absorb(record)
      else if (records.length > 0) this.#otherLayout(layout)
      if (marker) this.#times.take(marker)
    }
    this.#next = batch.next
    this.#isDirty ||= batch.messages.length > 0
    this.#engine.advance(this.#times.value())
    if (this.#engine.hasFindings) this.#commits.request()
    if (this.#uncommittedBytes >= uncommittedBytesMax) await this.#commits.settled()
  }

  tick(): void {
    if (this.#restoring || this.#commits.isBusy) return
    const now = this.#options.cluster.clock.now()
    if (now - this.#committedAt < commitEveryMs) return
    this.#keepTime(now)
    if (this.#isDirty) this.#commits.request()
  }

  async close(): Promise<void> {
    await this.#commits.close()
    await this.#transactor.close()
  }

  #restore({ messages, next }: PartitionBatch): void {
    const restoring = this.#restoring
    if (!restoring) return
    for (const { key, value } of messages) restoring.records.take(String(key), value)
    restoring.next = next
    if (next <= restoring.barrier) return
    const { entities, findings, time } = restoring.records.read()
    for (const record of entities) this.#engine.restore(record)
    if (time) {
      this.#times.restore(time.sources)
      this.#next = Math.max(this.#next, time.next)
    }
    this.#open.add(findings)
    this.#engine.restored(time?.watermark ?? Number.NEGATIVE_INFINITY, findings)
    this.#restoring = undefined
    const { cluster, partition } = this.#options
    cluster.log.info({ partition, records: entities.length, from: this.#next }, 'judging this partition')
  }

  /** While every input partition is idle event time goes on with the clock, or the last panes would never be judged. */
  #keepTime(now: number): void {
    const { greatest, isIdle } = this.#times
    const { watermark, paneMsMax } = this.#engine
    const sealedAt = greatest + paneMsMax
    const time = this.#kept.next(now, this.#isDirty || !isIdle, { greatest, watermark, sealedAt })
    if (time === undefined) return
    this.#times.advanceTo(time)
    this.#engine.advance(time)
    this.#isDirty = true
  }

  async #commit(): Promise<void> {
    const { cluster, partition, onFindings, onLate } = this.#options
    const { topics, prefix } = cluster
    const { findings, panes, late } = this.#engine.drain()
    const { watermark } = this.#engine
    this.#open.add(findings)
    const state: Message[] = stateMessages(
      {
        entities: this.#engine.drainState(),
        findings,
        closed: this.#open.close(watermark),
        time: { watermark, sources: this.#times.snapshot(), next: this.#next },
      },
      partition,
    )
    const offset = {
      group: `${prefix}.detect`,
      topic: topics.observations.name,
      partition,
      offset: this.#next,
    }
    const { positions } = this.#times
    this.#copies?.addAll('panes', panes)
    this.#copies?.addAll('findings', findings)
    const copies = this.#copies?.take()
    this.#isDirty = false
    this.#uncommittedBytes = 0
    await this.#transactor.commit({
      messages: [
        { topic: topics.findings.name, messages: findingMessages(findings, positions) },
        { topic: topics.state.name, messages: state },
        ...(copies ? [await copies] : []),
      ],
      offsets: [offset],
    })
    this.#committedAt = cluster.clock.now()
    if (late > 0) onLate(late)
    onFindings(findings)
  }

  #otherLayout(layout: string): void {
    const { partition, cluster } = this.#options
    cluster.log.error(
      { partition, theirs: layout, ours: cluster.layout },
      'an ingest process collects under another configuration; what it collected is not judged: give all processes the same picket.yaml and version',
    )
  }
}
