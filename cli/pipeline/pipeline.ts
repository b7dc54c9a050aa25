import type { Positions } from '../../core/event/position.ts'
import type { Changes, Restored } from '../../core/ports/state-store.ts'
import { type Captured, joined } from './captured.ts'
import { Commits } from './commits.ts'
import { Engines } from './engines.ts'
import { ExpectedSources } from './expected-sources.ts'
import type { IntakePart } from './intake.ts'
import { KeptTime } from './kept-time.ts'
import { readMarks, writeMarks } from './marks.ts'
import type { LaneReport } from './partition-lane.ts'
import type { PipelineParts } from './pipeline-parts.ts'
import { Recorder, type RunSetup } from './recorder.ts'
import { Tally } from './tally.ts'
import { type Reported, Uncommitted } from './uncommitted.ts'

/**
 * From accepted events to durable findings and started runs. Positions, panes, findings and runs are committed in one
 * transaction, and nothing leaves the process before it; so a restart resumes exactly where the last commit stood. What one
 * event proves is committed ahead of its position: after a crash the event is read again, and proves the same finding.
 */
export class Pipeline {
  readonly tally = new Tally()
  readonly #parts: PipelineParts
  readonly #engines: Engines
  /** What each lane reported with the last part that was taken of it. */
  readonly #lanes = new Map<string, LaneReport>()
  readonly #read = new Map<string, number>()
  readonly #expected: ExpectedSources
  /** Greatest accepted event time, epoch milliseconds; −Infinity before the first. */
  #greatest = Number.NEGATIVE_INFINITY
  #finished = false
  #isTorn = false
  readonly #uncommitted = new Uncommitted()
  readonly #recorder = new Recorder()
  #onDurable: ((positions: Positions) => void) | undefined
  readonly #kept = new KeptTime()
  readonly #commits: Commits
  /** A checkpoint that has taken nothing yet. */
  #pending: Promise<void> | undefined

  constructor(parts: PipelineParts) {
    this.#parts = parts
    this.#engines = new Engines(parts.engine, parts.team)
    this.#expected = new ExpectedSources(parts.watermarks)
    const { store, executor, onFound } = parts
    this.#commits = new Commits({ store, executor, tally: this.tally, onFound })
  }

  /** Takes up where the last commit stood; call it once, before the first part. `setup` is in force from now on. */
  async resume(restored: Restored, setup: RunSetup): Promise<void> {
    const { watermarks, store, turn } = this.#parts
    const marks = readMarks(restored.marks)
    const watermark = marks?.watermark ?? Number.NEGATIVE_INFINITY
    this.#recorder.begin(restored.positions, watermark, setup)
    if (marks) {
      watermarks.restore(marks.watermarks)
      this.#greatest = marks.greatest
    }
    for (const [key, position] of restored.positions) this.#read.set(key, position)
    await this.#engines.restore(store, { watermark, findings: restored.openFindings }, turn)
  }

  /** Sources that are about to be read: until each has begun to give, event time stands still. */
  expect(sources: readonly string[]): void {
    this.#expected.expect(sources)
  }

  /** Judges accepted events; synchronous, because nothing may wait for each event. */
  take({ items, news }: IntakePart): void {
    const { engine, watermarks, onItems } = this.#parts
    // Until all is judged: what throws in between is read again, and a part of it must not be committed.
    this.#isTorn = true
    this.#uncommitted.events += items.length
    const lane = items[0]?.lane ?? (news?.kind === 'idle' ? news.lane : undefined)
    if (lane) this.begun(lane.source)
    if (items[0]) this.#recorder.taken(items[0], engine.watermark)
    onItems?.(items)
    this.#engines.send(items)
    for (const { event, time, lane } of items) {
      watermarks.observe(lane.key, time)
      if (event.time > this.#greatest) this.#greatest = event.time
    }
    this.tally.events += items.length
    engine.observeAll(items, ({ lane, offset }) => {
      this.tally.addLate(lane)
      this.#recorder.late({ partition: lane.key, from: offset, to: offset + 1 }, engine.watermark)
    })
    this.#isTorn = false
    if (!news) return
    const { kind, report } = news
    this.#lanes.set(news.lane.key, report)
    this.#uncommitted.add(news, Math.max(0, engine.watermark))
    this.tally.lose(news)
    if (report.clocked) this.#recorder.refused(news.lane.key, report.clocked, engine.watermark)
    if (kind === 'opened') watermarks.opened(news.lane.key, news.lane.latenessMs)
    else this.#read.set(news.lane.key, report.position)
    if (kind === 'idle') this.#recorder.idle(news.lane.key, engine.watermark)
    if (kind !== 'opened' && kind !== 'read') watermarks[kind](news.lane.key)
  }

  /** A source has ended, or has opened all its partitions. */
  begun(source: string): void {
    this.#expected.begun(source)
  }

  /** Enough was read that it should be committed before more is. */
  get isFull(): boolean {
    return this.#uncommitted.isFull
  }

  /** Enough was read that its commit, which costs what was touched, would hold others up if it were much more. */
  get isWorthACommit(): boolean {
    return this.#uncommitted.isWorthwhile
  }

  /**
   * While every source is idle event time goes on with the clock, from the last event, or the last panes before a
   * silence would never be judged. The control log says so.
   */
  keepTime(now: number): void {
    const { watermarks, engine } = this.#parts
    const isBusy = this.#uncommitted.events > 0 || watermarks.active.length > 0
    const sealedAt = this.#greatest + this.#engines.paneMsMax
    const time = this.#kept.next(now, isBusy, {
      greatest: this.#greatest,
      watermark: engine.watermark,
      sealedAt,
    })
    if (time === undefined) return
    watermarks.advanceTo(time)
    this.#recorder.note({ kind: 'watermark', at: time })
  }

  /** Operational findings and control entries, which the next checkpoint commits with what was found. */
  report(reported: Reported): void {
    this.#uncommitted.report(reported)
  }

  /** Seals what is due now, in one go. Returns whether there is something that response should learn at once. */
  seal(): boolean {
    this.#engines.seal(this.#due)
    return this.#engines.hasFindings
  }

  /** Resolves when everything that is due is sealed; other work goes on meanwhile. */
  sealed(): Promise<void> {
    return this.#engines.sealed(() => this.#due, this.#parts.turn)
  }

  /** Whether `commitProven` would commit findings. */
  get hasProven(): boolean {
    return this.#parts.engine.hasProven
  }

  /** Whether a checkpoint would commit others. */
  get hasJudged(): boolean {
    return this.#engines.hasJudged
  }

  /** `listen` is told when engines of other threads found something. */
  onFindings(listen: () => void): void {
    this.#engines.onFindings(listen)
  }

  /** `listen` is told after each commit up to where everything read is durable. */
  onDurable(listen: (positions: Positions) => void): void {
    this.#onDurable = listen
  }

  /** All input has ended: the next checkpoint seals everything up to the end of the last event's panes. */
  end(): void {
    // Not to infinity, so that a later start still judges what is appended after this point in time.
    if (this.#greatest > Number.NEGATIVE_INFINITY) this.#finished = true
  }

  /** All input has ended: seals and commits everything. */
  async finish(): Promise<void> {
    this.end()
    await this.checkpoint()
  }

  /** Seals what is due, commits everything, starts the runs. One at a time; calls that wait share one. */
  checkpoint(): Promise<void> {
    this.#pending ??= this.#commits.inTurn(async () => {
      await this.sealed()
      this.#pending = undefined
      await this.commit(this.capture())
    })
    return this.#pending
  }

  /** Commits what single events proved, and starts its runs. It waits for no seal and carries no state, so it takes little. */
  commitProven(): Promise<void> {
    return this.#commits.atOnce(this.#parts.engine.drainProven())
  }

  /** Seals what is due, and takes everything that a commit must hold. Each captured point must be committed, in order. */
  capture(): Captured {
    if (this.#isTorn)
      throw new Error('events could not be judged to their end, and nothing more is committed')
    const { engine, onCaptured } = this.#parts
    this.seal()
    const drained = engine.drain()
    const output = { ...drained, findings: [...drained.findings, ...this.#uncommitted.notes.splice(0)] }
    const state = engine.cutState()
    const changes = this.#changes()
    onCaptured?.()
    return { output, state, changes, others: this.#engines.cut(), watermark: engine.watermark }
  }

  /** Makes a captured point durable and starts the runs. */
  async commit(captured: Captured): Promise<void> {
    // Encoding it all at once would hold up what is being read.
    while (captured.state.some()) await this.#parts.turn?.()
    const { output, changes } = joined(captured, await captured.others)
    await this.#commits.behind(output.findings, changes)
    this.#parts.onCommitted?.(output.panes)
    if (changes.positions) this.#onDurable?.(changes.positions)
  }

  /** Event time up to which everything has arrived, epoch milliseconds. */
  get #due(): number {
    const { watermarks } = this.#parts
    const due = this.#finished ? this.#greatest + this.#engines.paneMsMax : watermarks.value()
    // Infinite when every partition has ended, which a rebalance of Kafka's may undo a moment later.
    return Number.isFinite(due) ? due : Number.NEGATIVE_INFINITY
  }

  #changes(): Changes {
    const { engine, watermarks } = this.#parts
    const { deadLetters, control, marks } = this.#uncommitted.drain()
    const recorded = this.#recorder.drain(this.#read, engine.watermark)
    for (const letter of deadLetters) this.tally.refuse(letter)
    const time = { watermark: engine.watermark, greatest: this.#greatest, watermarks: watermarks.snapshot() }
    return {
      positions: new Map(this.#read),
      marks: [...writeMarks(time, this.#lanes), ...marks],
      deadLetters,
      control: [...recorded.control, ...control],
      snapshots: recorded.snapshots,
    }
  }

  /** Event time from which a change holds, epoch milliseconds. */
  get boundary(): number {
    return Math.max(0, this.#parts.engine.watermark)
  }
}
