import type { Shape } from '../aggregates/aggregate.ts'
import type { CellView } from '../aggregates/cell-arena.ts'
import type { ConfiguredDetector, Window } from '../detector/detector.ts'
import type { Finding } from '../detector/finding.ts'
import type { Entity } from '../entity/entity.ts'
import type { EntityPack } from '../ports/state-store.ts'
import { absorbPack, type Taken } from './absorb-pack.ts'
import { clearTable } from './clear-table.ts'
import { storeAnew } from './entity-codec.ts'
import { packsOf } from './entity-pack.ts'
import { EntityTable } from './entity-table.ts'
import type { EventBatch } from './event-batch.ts'
import { type Instance, instanceOf, isMeasured } from './instance.ts'
import { type Layout, layoutOf } from './layout.ts'
import { PaneEmitter } from './pane-emitter.ts'
import type { PanePack } from './pane-pack.ts'
import { type Claim, type FindingFrame, raise } from './period-findings.ts'
import { RecordCut } from './record-cut.ts'
import { restoreFindings } from './restore-findings.ts'
import { restoreRecords } from './restore-records.ts'
import { beginPack, type RestoredPack } from './restored-pack.ts'
import type { RunnerOptions } from './runner-options.ts'
import { SharedRecords } from './shared-records.ts'
import { type Steps, slotsPerStep } from './steps.ts'
import { WindowView } from './window-view.ts'

/**
 * Runs one detector, or several instances of it that observe alike: observes events, proves at arrival, judges what is
 * sealed. What was observed, and the windows made of it, are the instances' together; findings are each one's own.
 */
export class DetectorRunner {
  readonly instances: readonly Instance[]
  readonly layout: Layout
  readonly table: EntityTable
  readonly #options: RunnerOptions
  /** The first instance, which observes for all. */
  readonly #first: ConfiguredDetector
  readonly #records: SharedRecords
  readonly #window: WindowView
  readonly #emitter: PaneEmitter
  readonly #eventsMin: number
  readonly #proves: boolean
  /** The pane that may prove something. */
  readonly #pane: CellView<Shape>
  #boundary = Number.NEGATIVE_INFINITY

  constructor(options: RunnerOptions) {
    const { instances, hash } = options
    this.#first = instances[0]
    const { detector, config } = this.#first
    this.layout = layoutOf(detector.window(config))
    this.table = new EntityTable(detector, this.layout, options)
    this.#options = options
    const { layout, table } = this
    this.#window = new WindowView({ detector, layout, table, hash, isBoundless: options.judgeAll })
    this.instances = instances.map((one) => instanceOf(one, options, this.layout, this.#window))
    this.#records = new SharedRecords(this.instances)
    this.#eventsMin = Math.min(...this.instances.map(({ eventsMin }) => eventsMin))
    this.#proves = instances.some((one) => one.detector.proves)
    this.#emitter = new PaneEmitter(table, layout, this.#proves)
    this.#pane = table.panes.arena.view()
  }

  /** The instance of this id, of any version when none is told. */
  instance(id: string, version?: number): Instance | undefined {
    return this.instances.find(
      ({ detector }) => detector.id === id && (version === undefined || detector.version === version),
    )
  }

  /** Takes the events that are in view, in the order of arrival. */
  observeAll(batch: EventBatch): void {
    const { detector, config } = this.#first
    const emitter = this.#emitter
    const { emit, touched } = emitter
    batch.each((event, hints) => {
      const { vantage } = event
      if (vantage !== undefined && detector.vantage !== 'any' && vantage !== detector.vantage) return
      emitter.move(event.time, hints)
      detector.observe(event, emit, config)
      if (touched.length === 0) return
      this.#prove(touched)
      touched.length = 0
    })
  }

  /**
   * Seals every pane that ends at or before the watermark, oldest first, then forgets what no window can reach. Events at or
   * after the watermark may be observed between its steps: they touch no pane that is being sealed.
   */
  *sealing(watermark: number): Steps {
    const from = this.#boundary
    const boundary = this.#boundaryAt(watermark)
    if (boundary <= from) return
    this.#boundary = boundary
    const { panes } = this.table
    for (const index of panes.indices(from, boundary)) {
      // Forgotten pane by pane, so that what the bounds count does not depend on how far the watermark jumped.
      yield* this.table.forgetting(index)
      const slots = panes.slotsOf(index)
      for (let at = 0; at < slots.length; at++) {
        const pane = slots[at] as number
        if (panes.isHeld(pane, index)) this.#sealPane(pane, index)
        if (at % slotsPerStep === 0) yield
      }
      const evicted = this.table.evict()
      for (const { detector } of evicted > 0 ? this.instances : [])
        this.#options.onEvicted(detector, evicted, index * this.layout.paneMs)
    }
    yield* this.table.forgetting(boundary)
    yield* this.table.unread.readOn()
  }

  /** Reads the window that ends with the newest pane, sealed or not: for response, which looks before the watermark. */
  peek<T>(entity: Entity, read: (window: Window<Shape, Shape>) => T): T | undefined {
    const number = this.table.index.get(entity.kind, entity.id)
    const newest = number === undefined ? -1 : this.table.panes.newest(number)
    if (number === undefined || newest < 0) return undefined
    this.#window.move(number, this.table.panes.indexOf(newest))
    return read(this.#window)
  }

  /** As `Engine.absorb`; panes before the watermark take nothing more. */
  absorb(pack: PanePack, watermark: number): Taken {
    return absorbPack(pack, this.table, this.#boundaryAt(watermark), (entity, pane) => {
      this.#emitter.sameness.vary(entity)
      if (this.#proves) this.#prove([pane])
    })
  }

  /** State that changed since the last call. */
  cut(): RecordCut {
    return new RecordCut(this.table)
  }

  /** As `Engine.clear`. */
  clear(): void {
    clearTable(this.table)
  }

  /** The records of a cut, as those of each instance. */
  packsOf(cut: RecordCut): readonly EntityPack[] {
    const packs = cut.packs(this.#first.detector)
    return this.instances.length === 1 ? packs : this.#records.copies(packs)
  }

  /** Takes a pack of one of the instances; those of a log in their order. */
  restore(pack: EntityPack): RestoredPack {
    return this.instances.length > 1 ? this.#records.take(pack) : this.#restoreOwn(pack)
  }

  /** After the last `restore`: findings that may still change, oldest first, and the watermark of the last commit. */
  restored(watermark: number, findings: readonly Finding[]): void {
    for (const pack of this.#records.same()) this.#restoreOwn(pack)
    for (const { parts, stale } of this.#records.drain((pack) => beginPack(this.table, pack))) {
      const entity = this.#restore(...packsOf(parts.values()))
      // Packs of which instances have each their own can only go as a whole, so all is stored anew.
      for (const key of stale) this.table.told[key.startsWith('p') ? 'panes' : 'slices'].gone(key)
      if (entity !== undefined) storeAnew(this.table, entity)
    }
    this.#boundary = this.#boundaryAt(watermark)
    const own = findings.filter((one) => this.instance(one.detector, one.version))
    restoreFindings(this.table, own, { windowMs: this.layout.windowMs, watermark })
    this.table.restored(this.#boundary)
  }

  /** Index of the first pane that a watermark leaves open. */
  #boundaryAt(watermark: number): number {
    return Math.floor(watermark / this.layout.paneMs)
  }

  #restoreOwn(pack: EntityPack): RestoredPack {
    const restored = beginPack(this.table, pack)
    this.#restore(pack)
    return restored
  }

  /** Returns the entity of the last record that has one. */
  #restore(...packs: readonly EntityPack[]): number | undefined {
    let last: number | undefined
    for (const pack of packs) {
      restoreRecords(this.table, pack, (entity) => {
        this.#emitter.sameness.vary(entity)
        last = entity
      })
    }
    return last
  }

  #prove(touched: readonly number[]): void {
    const { panes, index } = this.table
    for (const pane of touched) {
      const number = panes.entityOf(pane)
      if (!this.#options.judgeAll && !this.#emitter.sameness.varies(number)) continue
      this.#pane.place.slot = pane
      const entity = index.entity(number)
      const at = panes.indexOf(pane) * this.layout.paneMs
      const [first, last] = [panes.firstOf(pane), panes.lastOf(pane)]
      for (const { detector, config, frame } of this.instances) {
        const verdict = detector.proves?.(this.#pane.cells, { config, entity })
        if (!verdict) continue
        this.#raise(number, frame, { verdict, at, first, last, state: 'provisional' })
      }
    }
  }

  #raise(number: number, frame: FindingFrame, claim: Claim): void {
    const { findings, index } = this.table
    const known = findings.of(number)
    const finding = raise(frame, index.entity(number), known, claim)
    if (!finding) return
    findings.set(number, finding.period, known)
    this.#options.onFinding(finding)
  }

  #sealPane(pane: number, index: number): void {
    const entity = this.table.panes.entityOf(pane)
    const isDue = this.#options.judgeAll || this.#emitter.sameness.varies(entity)
    const events = isDue ? (this.table.events[entity] as number) : Number.NEGATIVE_INFINITY
    if (events >= this.#eventsMin || isMeasured(this.#first.detector, this.table.index, entity))
      this.#judge(entity, index, events)
    this.table.settle(pane)
  }

  /** Has each instance judge the window that asks for no more than so many events. */
  #judge(number: number, index: number, events: number): void {
    const window = this.#window
    window.move(number, index, true)
    const at = index * this.layout.paneMs
    for (const { detector, context, frame, eventsMin } of this.instances) {
      const verdict = events >= eventsMin ? detector.judge(window, context) : undefined
      if (verdict)
        this.#raise(number, frame, { verdict, at, first: window.first, last: window.last, state: 'final' })
      const measures = detector.measures && window.once(detector.measures)
      if (!measures) continue
      const { id, version } = detector
      const flagged = verdict !== undefined
      const pane = { entity: window.entity, start: at, paneMs: this.layout.paneMs, measures, flagged }
      this.#options.onSealed({ detector: id, version, ...pane })
    }
  }
}
