import type { Shape } from '../aggregates/aggregate.ts'
import type { Detector, Emitted, JudgeContext, Window } from '../detector/detector.ts'
import type { Finding } from '../detector/finding.ts'
import { canonicalId } from '../entity/canonical-id.ts'
import { type Entity, type EntityKind, parseEntityKey } from '../entity/entity.ts'
import type { EventView } from '../event/event.ts'
import type { EntityRecord } from '../ports/state-store.ts'
import { decodeEntity, drainRecords } from './entity-codec.ts'
import { EntityTable } from './entity-table.ts'
import { type Layout, layoutOf } from './layout.ts'
import { type Claim, type FindingFrame, raise } from './period-findings.ts'
import type { RunnerOptions } from './runner-options.ts'
import { Sameness } from './sameness.ts'
import { WindowView } from './window-view.ts'

/** Runs one detector: observes events, proves at arrival, judges what is sealed. */
export class DetectorRunner {
  readonly detector: Detector
  readonly layout: Layout
  readonly table: EntityTable
  readonly #options: RunnerOptions
  readonly #frame: FindingFrame
  readonly #window: WindowView
  readonly #context: JudgeContext<unknown>
  readonly #sameness = new Sameness()
  readonly #eventsMin: number
  readonly #pane: ReturnType<EntityTable['panes']['arena']['view']>
  readonly #memory: ReturnType<EntityTable['slices']['arena']['view']>
  readonly #cells: Emitted<Shape, Shape>
  /** Panes that the current event touched, when the detector can prove. */
  readonly #touched: number[] = []
  #time = 0
  #index = 0
  #boundary = Number.NEGATIVE_INFINITY

  constructor(options: RunnerOptions) {
    const { configured, frame, hash } = options
    this.detector = configured.detector
    this.layout = layoutOf(configured.detector.window(configured.config))
    this.table = new EntityTable(this.detector, this.layout, options)
    this.#options = options
    this.#window = new WindowView({ detector: this.detector, layout: this.layout, table: this.table, hash })
    const { id, version } = this.detector
    this.#frame = { ...frame, detector: id, version, windowMs: this.layout.windowMs }
    this.#eventsMin = options.judgeAll ? 0 : (this.detector.eventsMin?.(configured.config) ?? 0)
    this.#pane = this.table.panes.arena.view()
    this.#memory = this.table.slices.arena.view()
    this.#cells = { ...this.#pane.cells, ...this.#memory.cells }
    this.#context = {
      config: configured.config,
      threshold: (measure, wanted) =>
        options.threshold(
          this.detector,
          this.#window.entity,
          this.#window.end - this.layout.paneMs,
          measure,
          wanted,
        ),
    }
  }

  observe(event: EventView): void {
    this.#time = event.time
    this.#index = Math.floor(event.time / this.layout.paneMs)
    this.detector.observe(event, this.#emit, this.#options.configured.config)
    if (this.#touched.length > 0) this.#prove()
  }

  /** Seals every pane that ends at or before the watermark, oldest first, then forgets what no window can reach. */
  seal(watermark: number): void {
    const boundary = Math.floor(watermark / this.layout.paneMs)
    if (boundary <= this.#boundary) return
    for (const index of this.table.panes.indices(this.#boundary, boundary)) {
      // Forgotten pane by pane, so that what the bounds count does not depend on how far the watermark jumped.
      this.table.forget(index)
      for (const pane of this.table.panes.slotsOf(index)) {
        if (this.table.panes.isHeld(pane, index)) this.#sealPane(pane, index)
      }
      const evicted = this.table.evict()
      if (evicted > 0) this.#options.onEvicted(this.detector, evicted, index * this.layout.paneMs)
    }
    this.table.forget(boundary)
    this.#boundary = boundary
  }

  /** Reads the window that ends with the newest pane, sealed or not: for response, which looks before the watermark. */
  peek<T>(entity: Entity, read: (window: Window<Shape, Shape>) => T): T | undefined {
    const number = this.table.index.get(entity.kind, entity.id)
    const newest = number === undefined ? -1 : this.table.panes.newest(number)
    if (number === undefined || newest < 0) return undefined
    this.#window.move(number, this.table.panes.index[newest] as number)
    return read(this.#window)
  }

  /** State that changed since the last call. */
  drainDirty(): EntityRecord[] {
    return drainRecords(this.detector, this.table)
  }

  restore(key: string, bytes: Uint8Array): void {
    const named = parseEntityKey(key)
    const entity = named && this.table.open(named.kind, named.id)
    if (entity === undefined) return
    decodeEntity(this.detector.id, this.table, entity, bytes)
    this.#sameness.vary(entity)
  }

  /** After the last `restore`: findings that may still change, oldest first, and the watermark of the last commit. */
  restored(watermark: number, findings: readonly Finding[]): void {
    this.#boundary = Math.floor(watermark / this.layout.paneMs)
    for (const finding of findings) {
      const entity = this.table.index.get(finding.entity.kind, finding.entity.id)
      // Findings that no later one can continue stay in the store only.
      if (entity === undefined || finding.period + 2 * this.layout.windowMs <= watermark) continue
      this.table.findings.set(entity, finding.period, [...this.table.findings.of(entity), finding])
    }
    this.table.restored()
  }

  readonly #emit = (
    kind: EntityKind,
    text: string | undefined,
    sameness?: string,
  ): Emitted<Shape, Shape> | undefined => {
    if (text === undefined) return undefined
    const entity = this.table.index.find(kind, text) ?? this.#open(kind, text)
    if (entity === undefined) return undefined
    if (sameness === undefined) this.#sameness.vary(entity)
    else this.#sameness.note(entity, sameness)
    const { panes } = this.table
    const pane = this.table.paneOf(entity, this.#index)
    const time = this.#time
    panes.events[pane] = (panes.events[pane] as number) + 1
    this.table.events[entity] = (this.table.events[entity] as number) + 1
    if (time < (panes.first[pane] as number)) panes.first[pane] = time
    if (time > (panes.last[pane] as number)) panes.last[pane] = time
    if (this.detector.proves) this.#touched.push(pane)
    this.#pane.place.slot = pane
    this.#pane.place.time = time
    this.#memory.place.slot = this.table.memoryOf(pane)
    this.#memory.place.time = time
    return this.#cells
  }

  #open(kind: EntityKind, text: string): number | undefined {
    const id = canonicalId(kind, text)
    if (id === undefined) return undefined
    const entity = this.table.open(kind, id)
    if (entity !== undefined) this.#sameness.forget(entity)
    return entity
  }

  #prove(): void {
    const { config } = this.#options.configured
    const { panes, index } = this.table
    for (const pane of this.#touched) {
      const number = panes.entity[pane] as number
      if (!this.#options.judgeAll && !this.#sameness.varies(number)) continue
      this.#pane.place.slot = pane
      const entity = index.entity(number)
      const verdict = this.detector.proves?.(this.#pane.cells, { config, entity })
      if (!verdict) continue
      const at = (panes.index[pane] as number) * this.layout.paneMs
      const first = panes.first[pane] as number
      const last = panes.last[pane] as number
      this.#raise(number, { verdict, at, first, last, state: 'provisional' })
    }
    this.#touched.length = 0
  }

  #raise(number: number, claim: Claim): void {
    const findings = this.table.findings.of(number)
    const finding = raise(this.#frame, this.table.index.entity(number), findings, claim)
    if (!finding) return
    this.table.findings.set(number, finding.period, findings)
    this.#options.onFinding(finding)
  }

  #sealPane(pane: number, index: number): void {
    const entity = this.table.panes.entity[pane] as number
    const isDue =
      this.#options.judgeAll ||
      ((this.table.events[entity] as number) >= this.#eventsMin && this.#sameness.varies(entity))
    if (isDue || this.detector.measures) this.#judge(entity, index, isDue)
    this.table.settle(pane)
  }

  #judge(number: number, index: number, isDue: boolean): void {
    const window = this.#window
    window.move(number, index)
    const at = index * this.layout.paneMs
    const verdict = isDue ? this.detector.judge(window, this.#context) : undefined
    if (verdict) {
      const { first, last } = window
      this.#raise(number, { verdict, at, first, last, state: 'final' })
    }
    const measures = this.detector.measures?.(window)
    if (!measures) return
    const { id, version } = this.detector
    this.#options.onSealed({
      detector: id,
      version,
      entity: window.entity,
      start: at,
      paneMs: this.layout.paneMs,
      measures,
      flagged: verdict !== undefined,
    })
  }
}
