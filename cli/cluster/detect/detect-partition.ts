import { SourceTimes } from '../../../core/cluster/source-times.ts'
import type { Finding } from '../../../core/detector/finding.ts'
import type { Engine } from '../../../core/engine/engine.ts'
import { controlMessages } from '../../../storage/kafka/control-messages.ts'
import type { PartitionBatch, PartitionWork } from '../../../storage/kafka/partition-work.ts'
import { Transactor } from '../../../storage/kafka/transactor.ts'
import { KeptTime } from '../../pipeline/kept-time.ts'
import { Recorder } from '../../pipeline/recorder.ts'
import { realWaits } from '../../runtime/waits.ts'
import { CommitLoop } from '../commit-loop.ts'
import { OutgoingCopies } from '../copy/outgoing-copies.ts'
import { Holding } from '../holding.ts'
import type { Judge } from '../status/cluster-samples.ts'
import { KeptPacks } from './changelog/kept-packs.ts'
import { stateMessages } from './changelog/state-messages.ts'
import type { DetectOptions } from './detect-options.ts'
import { findingMessages } from './finding-messages.ts'
import { ObservationIntake } from './observation-intake.ts'
import { OpenFindings } from './open-findings.ts'
import { ProvenFindings } from './proven-findings.ts'
import { Restoring } from './restoring.ts'
import { type StartOfDetect, startOfDetect } from './start-of-detect.ts'

/** Of its state, and of what is sent ahead of that. */
type Transactors = readonly [Transactor, Transactor]

/** How often state is committed while nothing is found, milliseconds. */
const commitEveryMs = 1000
/** Bytes of observations that a crash would have to judge again, at most. */
const uncommittedBytesMax = 16e6

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
  readonly #intake: ObservationIntake
  readonly #holding: Holding
  readonly #kept = new KeptTime()
  readonly #open: OpenFindings
  readonly #judge: Judge & { readonly engine: Engine; readonly times: SourceTimes }
  readonly #copies: OutgoingCopies | undefined
  readonly #commits: CommitLoop
  readonly #proven: ProvenFindings
  /** Until the barrier is read. */
  #restoring: Restoring | undefined
  #next: number
  #uncommittedBytes = 0
  #isDirty = false
  #committedAt = 0
  #isTorn = false
  readonly #notes: Finding[] = []
  #packs = new KeptPacks()
  readonly #recorder = new Recorder()
  /** Messages behind us when last one was read. */
  #waiting = 0

  private constructor(options: DetectOptions, [transactor, proving]: Transactors, start: StartOfDetect) {
    const { cluster, partition, fail } = options
    this.#options = options
    this.#transactor = transactor
    this.#engine = options.openEngine()
    this.#times = new SourceTimes(cluster.inputs)
    this.#judge = { engine: this.#engine, times: this.#times }
    this.#intake = new ObservationIntake({ ...options, ...this.#judge, recorder: this.#recorder })
    this.#holding = new Holding({ ...options, topic: cluster.topics.observations.name })
    this.#open = new OpenFindings(cluster.loaded.detectors)
    this.#copies = cluster.isCopied ? new OutgoingCopies(cluster, partition) : undefined
    this.#commits = new CommitLoop(
      () => this.#commit(),
      fail,
      (ms) => cluster.status.committed(ms),
    )
    this.#proven = new ProvenFindings(options, proving, this.#judge)
    this.#next = start.next
    const isOver = () => this.#commits.isClosed
    this.#restoring = new Restoring({ engine: this.#engine, barrier: start.barrier, isOver })
    if (start.lost) this.#recorder.lost(start.lost, 'deleted before they were judged', 0)
  }

  static async open(options: DetectOptions): Promise<DetectPartition> {
    const { cluster, partition } = options
    const { prefix, kafka, stateTransactionMs } = cluster
    const transactor = await Transactor.open(kafka, `${prefix}.detect.${partition}`, stateTransactionMs)
    let proving: Transactor | undefined
    try {
      proving = await ProvenFindings.open(options)
      const start = await startOfDetect(cluster, partition, transactor)
      return new DetectPartition(options, [transactor, proving], start)
    } catch (error) {
      await transactor.close()
      await proving?.close()
      throw error
    }
  }

  get notReady(): string | undefined {
    return this.#restoring ? 'its state is being read from the changelog' : this.#holding.text
  }

  get reading(): ReadonlyMap<string, number> {
    const { observations, state } = this.#options.cluster.topics
    if (this.#restoring) return new Map([[state.name, this.#restoring.next]])
    return this.#holding.text ? new Map() : new Map([[observations.name, this.#next]])
  }

  async take(batch: PartitionBatch): Promise<void> {
    if (this.#restoring) return this.#restore(batch)
    this.#waiting = batch.high - batch.next
    this.#next = batch.next
    for (const message of batch.messages) {
      const offset = Number(message.offset)
      if (this.#holding.stopsBefore(offset)) {
        this.#next = offset
        break
      }
      this.#uncommittedBytes += message.value?.length ?? 0
      try {
        this.#intake.take(message)
      } catch (error) {
        // A part of it may be merged, and must never be committed.
        this.#isTorn = true
        void this.#commits.close()
        throw this.#holding.met(offset, error)
      }
    }
    this.#times.readTo(this.#next, batch.high)
    this.#isDirty ||= batch.messages.length > 0
    this.#proven.send()
    this.#engine.moveTo(this.#times.value())
    await this.#sealed()
    if (this.#engine.hasJudged) this.#commits.request()
    if (this.#uncommittedBytes >= uncommittedBytesMax) await this.#commits.settled()
  }

  tick(): void {
    if (this.#restoring || this.#commits.isBusy) return
    const now = this.#options.cluster.clock.now()
    if (now - this.#committedAt < commitEveryMs) return
    this.#holding.look(now)
    this.#times.forgetGone()
    this.#keepTime(now)
    this.#look(now)
    if (this.#isDirty) this.#commits.request()
  }

  async close(): Promise<void> {
    this.#options.cluster.status.judges.delete(this.#judge)
    await this.#commits.close()
    await this.#transactor.close()
    await this.#proven.close()
  }

  /** Some input partition holds time back, as far as was read. */
  get #isReading(): boolean {
    return this.#holding.text !== undefined || !this.#times.isIdle
  }

  async #restore(batch: PartitionBatch): Promise<void> {
    const restored = await this.#restoring?.take(batch)
    if (!restored) return
    const { kept, findings, time } = restored
    this.#packs = kept
    if (time) {
      this.#times.restore(time.sources)
      this.#next = Math.max(this.#next, time.next)
    }
    this.#open.add(findings)
    this.#intake.watch = this.#options.openWatch(findings)
    this.#engine.restored(time?.watermark ?? Number.NEGATIVE_INFINITY, findings)
    this.#restoring = undefined
    const { cluster, partition, manifest } = this.#options
    cluster.status.judges.add(this.#judge)
    this.#recorder.begin(this.#times.positions, this.#engine.watermark, { manifest })
    this.#isDirty = true
    cluster.log.info({ partition, held: kept.held, from: this.#next }, 'judging this partition')
  }

  /** While every input partition is idle event time goes on with the clock, or the last panes would never be judged. */
  #keepTime(now: number): void {
    const { greatest } = this.#times
    const { watermark, paneMsMax } = this.#engine
    const sealedAt = greatest + paneMsMax
    const time = this.#kept.next(now, this.#isDirty || this.#isReading, { greatest, watermark, sealedAt })
    if (time === undefined) return
    this.#times.advanceTo(time)
    this.#engine.advance(time)
    this.#isDirty = true
  }

  /** What it finds about the cluster itself commits with the rest. */
  #look(now: number): void {
    const [{ watermark }, { markers }] = [this.#engine, this.#times]
    const standing = { now, watermark, markers, isReading: this.#isReading, waiting: this.#waiting }
    const notes = this.#intake.watch?.look(standing) ?? []
    this.#notes.push(...notes)
    for (const finding of notes) this.#recorder.note({ kind: 'note', at: Math.max(0, watermark), finding })
    this.#isDirty = this.#recorder.noteAgain(now, watermark) || notes.length > 0 || this.#isDirty
  }

  /** Seals what is due; other partitions have their turn in between. */
  async #sealed(): Promise<void> {
    while (this.#engine.sealSome()) await realWaits.turn()
  }

  async #commit(): Promise<void> {
    const { cluster, partition, onFindings, onLate } = this.#options
    const { topics, prefix } = cluster
    await this.#sealed()
    if (this.#isTorn) return
    const { watermark } = this.#engine
    const { findings: judged, panes, late } = this.#engine.drain()
    const findings = [...judged, ...this.#notes.splice(0)]
    const all = [...this.#proven.take(), ...findings]
    this.#open.add(all)
    const cut = this.#engine.cutState()
    const next = this.#next
    const closed = this.#open.close(watermark)
    const time = { watermark, sources: this.#times.snapshot(), next }
    const { positions } = this.#times
    const messages = findingMessages(findings, positions)
    const { control } = this.#recorder.drain(positions, watermark)
    this.#copies?.addAll('panes', panes)
    this.#copies?.addAll('findings', all)
    const copies = this.#copies?.take()
    this.#isDirty = false
    this.#uncommittedBytes = 0
    while (cut.some()) await realWaits.turn()
    const state = stateMessages({ packs: cut.packs(), findings: all, closed, time }, partition, this.#packs)
    await this.#proven.arrived()
    await this.#transactor.commit({
      messages: [
        { topic: topics.findings.name, messages },
        { topic: topics.state.name, messages: state },
        controlMessages(topics.control.name, `detect ${partition}`, control),
        ...(copies ? [await copies] : []),
      ],
      offsets: [{ group: `${prefix}.detect`, topic: topics.observations.name, partition, offset: next }],
    })
    this.#committedAt = cluster.clock.now()
    if (late > 0) onLate(late)
    onFindings(findings)
  }
}
