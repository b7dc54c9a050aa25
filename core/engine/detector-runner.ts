import type { Cells, Shape } from '../aggregates/aggregate.ts'
import type { ConfiguredDetector, Detector, JudgeContext, Threshold, Window } from '../detector/detector.ts'
import type { Finding } from '../detector/finding.ts'
import { canonicalId } from '../entity/canonical-id.ts'
import { type Entity, type EntityKind, entityKey } from '../entity/entity.ts'
import type { EventView } from '../event/event.ts'
import type { KeyedHash } from '../hash/keyed-hash.ts'
import type { EntityState, Pane } from './entity-state.ts'
import { EntityTable } from './entity-table.ts'
import { type Layout, layoutOf } from './layout.ts'
import { type FindingFrame, raise } from './period-findings.ts'
import type { SealedPane } from './sealed-pane.ts'
import { type WindowFrame, windowEndingIn } from './window-view.ts'

/** Looks up a threshold for the entity of a window; `at` is the start of the pane that ends it. */
export type ThresholdLookup = (
  detector: Detector,
  entity: Entity,
  at: number,
  measure: string,
  wanted: { readonly floor: number; readonly k: number; readonly group?: string },
) => Threshold

export interface RunnerOptions {
  readonly configured: ConfiguredDetector
  readonly frame: Omit<FindingFrame, 'detector' | 'version' | 'windowMs'>
  readonly hash: KeyedHash
  readonly threshold: ThresholdLookup
  /** Entities with sealed state that are kept. */
  readonly entitiesMax: number
  /** Entities that are held at all, open ones included. */
  readonly openMax: number
  /** Whether changed entities are remembered for the store. */
  readonly durable: boolean
  readonly onFinding: (finding: Finding) => void
  readonly onSealed: (pane: SealedPane) => void
  /** Entities were evicted when this pane was sealed. */
  readonly onEvicted: (detector: Detector, count: number, at: number) => void
}

/** Runs one detector: observes events, proves at arrival, judges what is sealed. */
export class DetectorRunner {
  readonly detector: Detector
  readonly layout: Layout
  readonly table: EntityTable
  readonly #options: RunnerOptions
  readonly #frame: FindingFrame
  readonly #windows: WindowFrame
  /** Panes that the current event touched, when the detector can prove. */
  readonly #touched: { readonly state: EntityState; readonly pane: Pane }[] = []
  #time = 0

  constructor(options: RunnerOptions) {
    const { configured, frame } = options
    this.detector = configured.detector
    this.layout = layoutOf(configured.detector.window(configured.config))
    this.table = new EntityTable(this.detector, this.layout, options)
    this.#options = options
    this.#windows = { detector: this.detector, layout: this.layout, hash: options.hash }
    const { id, version } = this.detector
    this.#frame = { ...frame, detector: id, version, windowMs: this.layout.windowMs }
  }

  observe(event: EventView): void {
    this.#time = event.time
    this.detector.observe(event, this.#emit, this.#options.configured.config)
    if (this.#touched.length > 0) this.#prove()
  }

  /** Seals every pane that ends at or before the watermark, oldest first, then forgets what no window can reach. */
  seal(watermark: number): void {
    const boundary = Math.floor(watermark / this.layout.paneMs)
    for (const [index, states] of this.table.due(boundary)) {
      // Forgotten pane by pane, so that what the bounds count does not depend on how far the watermark jumped.
      this.table.forget(index)
      for (const state of states) this.#sealPane(state, index)
      const evicted = this.table.evict()
      if (evicted > 0) this.#options.onEvicted(this.detector, evicted, index * this.layout.paneMs)
    }
    this.table.forget(boundary)
  }

  /** The window that ends with the newest pane, sealed or not: for response, which looks before the watermark. */
  peek(entity: Entity): Window<Shape, Shape> | undefined {
    const state = this.table.get(entityKey(entity))
    if (!state) return undefined
    const newest = state.panes.reduce((index, pane) => Math.max(index, pane.index), Number.NEGATIVE_INFINITY)
    return windowEndingIn(this.#windows, state, newest)
  }

  readonly #emit = (kind: EntityKind, text: string | undefined): Cells<Shape> | undefined => {
    const id = canonicalId(kind, text)
    if (id === undefined) return undefined
    const state = this.table.stateOf(`${kind}:${id}`, { kind, id })
    if (!state) return undefined
    const pane = this.table.paneAt(state, this.#time)
    pane.events++
    if (this.#time < pane.first) pane.first = this.#time
    if (this.#time > pane.last) pane.last = this.#time
    if (this.detector.proves) this.#touched.push({ state, pane })
    return pane.cells
  }

  #prove(): void {
    const { config } = this.#options.configured
    for (const { state, pane } of this.#touched) {
      const verdict = this.detector.proves?.(pane.cells, { config, entity: state.entity })
      if (!verdict) continue
      const at = pane.index * this.layout.paneMs
      const { first, last } = pane
      const finding = raise(this.#frame, state, { verdict, at, first, last, state: 'provisional' })
      if (finding) this.#release(state, finding)
    }
    this.#touched.length = 0
  }

  #release(state: EntityState, finding: Finding): void {
    this.table.found(state, finding.period)
    this.#options.onFinding(finding)
  }

  #sealPane(state: EntityState, index: number): void {
    const { onSealed } = this.#options
    const window = windowEndingIn(this.#windows, state, index)
    if (window) {
      const verdict = this.detector.judge(window, this.#contextOf(window))
      const at = index * this.layout.paneMs
      if (verdict) {
        const { first, last } = window
        const finding = raise(this.#frame, state, { verdict, at, first, last, state: 'final' })
        if (finding) this.#release(state, finding)
      }
      const measures = this.detector.measures?.(window)
      if (measures) {
        const { id, version } = this.detector
        const flagged = verdict !== undefined
        onSealed({
          detector: id,
          version,
          entity: state.entity,
          start: at,
          paneMs: this.layout.paneMs,
          measures,
          flagged,
        })
      }
    }
    this.table.settle(state, index)
  }

  #contextOf(window: Window<Shape, Shape>): JudgeContext<unknown> {
    const { configured, threshold } = this.#options
    return {
      config: configured.config,
      threshold: (measure, wanted) =>
        threshold(this.detector, window.entity, window.end - this.layout.paneMs, measure, wanted),
    }
  }
}
