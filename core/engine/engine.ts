import type { Shape } from '../aggregates/aggregate.ts'
import type { Window } from '../detector/detector.ts'
import type { Finding } from '../detector/finding.ts'
import type { Entity } from '../entity/entity.ts'
import type { Event } from '../event/event.ts'
import type { EntityPack } from '../ports/state-store.ts'
import { nothingTaken, type Taken } from './absorb-pack.ts'
import { collectPanes, type PartitionOf } from './collect-panes.ts'
import type { DetectorRunner } from './detector-runner.ts'
import type { EngineOptions } from './engine-options.ts'
import { EventBatch } from './event-batch.ts'
import { FoundFindings } from './found-findings.ts'
import { openRunners } from './open-runners.ts'
import type { DealtPack, PanePack } from './pane-pack.ts'
import { PressureNotes } from './pressure-notes.ts'
import type { RestoredPack } from './restored-pack.ts'
import type { SealedPane } from './sealed-pane.ts'
import { Sealing } from './sealing.ts'
import type { StateCut } from './state-cut.ts'

/** What came of the events since the last `drain`; findings in their last state, by (last, id). */
export interface Output {
  readonly findings: readonly Finding[]
  readonly panes: readonly SealedPane[]
  /** Events that arrived behind the watermark and were not judged. */
  readonly late: number
  /** Refusals of our own seen in traffic, by decision. */
  readonly decisionHits: ReadonlyMap<string, number>
}

/**
 * Judges events by event time. It is pure: no I/O, no clock; its findings are a function of the set of accepted
 * events and the manifest, whatever the order, batches and restarts.
 */
export class Engine {
  readonly #runners: readonly DetectorRunner[]
  readonly #found = new FoundFindings()
  readonly #notes: PressureNotes
  readonly #batch = new EventBatch()
  readonly #sealing: Sealing
  #panes: SealedPane[] = []
  #late = 0
  #decisionHits = new Map<string, number>()

  constructor(options: EngineOptions) {
    const { space, lane, manifest } = options
    this.#notes = new PressureNotes({ space, lane, manifest })
    this.#runners = openRunners(options, {
      onFinding: (finding) => this.#found.add(finding),
      onSealed: (pane) => this.#panes.push(pane),
      onEvicted: (detector, count, at) => this.#found.add(this.#notes.add(detector, count, at)),
    })
    this.#sealing = new Sealing(this.#runners)
  }

  /** Event time up to which everything has arrived: it is sealed, unless `sealSome` has more to do. */
  get watermark(): number {
    return this.#sealing.watermark
  }

  /** Longest pane of all detectors, milliseconds: that much after the last event everything can be sealed. */
  get paneMsMax(): number {
    return Math.max(0, ...this.#runners.map((runner) => runner.layout.paneMs))
  }

  /** Takes events, which may be changed after the call. `onLate` is told of each that came late, which is not judged. */
  observeAll<Item extends { readonly event: Event }>(
    items: readonly Item[],
    onLate?: (item: Item) => void,
  ): void {
    const batch = this.#batch
    const { watermark } = this.#sealing
    for (const item of items) {
      const { event } = item
      const decision = event.enforced_by
      if (event.time < watermark) {
        this.#late++
        onLate?.(item)
      } else if (decision === undefined) {
        if (batch.isFull) this.#observeBatch()
        batch.add(event)
      }
      // What we refused ourselves says nothing about the client: feeding it back would make a ban renew itself.
      else this.#decisionHits.set(decision, (this.#decisionHits.get(decision) ?? 0) + 1)
    }
    this.#observeBatch()
  }

  /** As `observeAll`, one event. Returns false for a late one. */
  observe(event: Event): boolean {
    let isLate = false
    this.observeAll([{ event }], () => {
      isLate = true
    })
    return !isLate
  }

  #observeBatch(): void {
    try {
      for (const runner of this.#runners) runner.observeAll(this.#batch)
    } finally {
      this.#batch.clear()
    }
  }

  /**
   * Takes what a collector found of panes of entities, in place of the events: cells merge in any order and grouping, so
   * the findings are the same. Panes that are sealed are late as a whole. Packs of detectors that are not configured
   * are left alone. Throws `RangeError` for a torn record or one of another version, when a part may be taken.
   * `sealed`: up to where was sealed when the pack came first, where that was further.
   */
  absorb(pack: PanePack, sealed = Number.NEGATIVE_INFINITY): Taken {
    const watermark = Math.max(sealed, this.watermark)
    const taken = this.#runnerOf(pack.detector, pack.version)?.absorb(pack, watermark)
    this.#late += taken?.late ?? 0
    return taken ?? nothingTaken
  }

  /** Everything before `watermark` has arrived: seals, judges and forgets. Never moves back. */
  advance(watermark: number): void {
    this.#sealing.moveTo(watermark)
    this.#sealing.all()
  }

  /** As `advance`, but leaves the work to `sealSome`, so that events can be observed meanwhile. */
  moveTo(watermark: number): void {
    this.#sealing.moveTo(watermark)
  }

  /** Does a little of the sealing that is due. Returns whether there is more of it. */
  sealSome(): boolean {
    return this.#sealing.some()
  }

  /** Whether `drain` would give findings. */
  get hasFindings(): boolean {
    return this.hasProven || this.hasJudged
  }

  /** Whether `drainProven` would. */
  get hasProven(): boolean {
    return this.#found.hasProven
  }

  /** Whether `drain` would give others than that. */
  get hasJudged(): boolean {
    return this.#found.hasJudged
  }

  /** Provisional findings since the last call and the last `drain`, by (last, id). */
  drainProven(): readonly Finding[] {
    return this.#found.takeProven()
  }

  /** What came of everything up to the watermark. */
  drain(): Output {
    this.#sealing.all()
    const output = {
      findings: this.#found.take(),
      panes: this.#panes,
      late: this.#late,
      decisionHits: this.#decisionHits,
    }
    this.#panes = []
    this.#late = 0
    this.#decisionHits = new Map()
    return output
  }

  /** Reads the newest window of an entity in one detector, sealed or not; it is dead after the call. */
  peek<T>(detector: string, entity: Entity, read: (window: Window<Shape, Shape>) => T): T | undefined {
    return this.#runners.find((runner) => runner.instance(detector))?.peek(entity, read)
  }

  /** Entities held by detector id. */
  entityCounts(): ReadonlyMap<string, number> {
    return this.#byDetector(({ table }) => table.index.size)
  }

  /** Memory that state holds by detector id, bytes, about; state that instances share is the first one's. */
  stateBytes(): ReadonlyMap<string, number> {
    return this.#byDetector(({ table }, nth) => (nth === 0 ? table.bytes : 0))
  }

  #byDetector(count: (runner: DetectorRunner, nth: number) => number): ReadonlyMap<string, number> {
    return new Map(
      this.#runners.flatMap((runner) =>
        runner.instances.map(({ detector }, nth): [string, number] => [detector.id, count(runner, nth)]),
      ),
    )
  }

  /**
   * State that changed since the last call, to be committed with the positions that it holds. What is not encoded yet is
   * encoded before anything more is sealed, or cut.
   */
  cutState(): StateCut {
    return this.#sealing.cut()
  }

  /** Panes that changed since the last call, encoded for `absorb` and dealt to the partitions of their entities: for who only collects. */
  collect(partitionOf: PartitionOf): DealtPack[] {
    return this.#runners.flatMap(({ table, instances: [first] }) =>
      first ? collectPanes(table, first.detector, partitionOf) : [],
    )
  }

  /** Forgets what it observed, where nothing of it was sealed: for who only collects. */
  clear(): void {
    this.drain()
    for (const runner of this.#runners) runner.clear()
  }

  /**
   * Loads what `cutState` gave, the packs of a log in their order. Those of detectors that are not configured are left alone. The
   * bytes are kept, and read little by little: they must not change.
   */
  restore(pack: EntityPack): RestoredPack | undefined {
    return this.#runnerOf(pack.detector, pack.version)?.restore(pack)
  }

  /** After the last `restore`: findings that may still change, and the watermark of the last commit. */
  restored(watermark: number, openFindings: readonly Finding[]): void {
    this.#sealing.watermark = watermark
    const sorted = [...openFindings].sort((left, right) => left.period - right.period)
    for (const finding of sorted) this.#notes.restore(finding)
    for (const runner of this.#runners) runner.restored(watermark, sorted)
  }

  #runnerOf(detector: string, version: number): DetectorRunner | undefined {
    return this.#runners.find((runner) => runner.instance(detector, version))
  }
}
