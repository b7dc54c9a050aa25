import type { Shape } from '../aggregates/aggregate.ts'
import { grown } from '../aggregates/grown.ts'
import { Keys } from '../aggregates/keys.ts'
import type { Detector } from '../detector/detector.ts'
import type { EntityKind } from '../entity/entity.ts'
import { EntityFindings } from './entity-findings.ts'
import { EntityIndex } from './entity-index.ts'
import type { EntityTableOptions } from './entity-table-options.ts'
import { type Fold, foldsOf, rememberPane } from './fold.ts'
import type { Layout } from './layout.ts'
import { OpenMemory } from './open-memory.ts'
import { PaneSums } from './pane-sums.ts'
import { Recency } from './recency.ts'
import type { Steps } from './steps.ts'
import { TimedCells } from './timed-cells.ts'
import { ToldParts } from './told-parts.ts'
import { UnreadReader } from './unread-reader.ts'

/** Everything that one detector knows of all entities, by entity number. */
export class EntityTable {
  readonly index: EntityIndex
  /** Keys of tables in panes and slices, and of windows merged from them. */
  readonly keys: Keys
  readonly panes: TimedCells<Shape>
  /** Slices of long memory; its arena also holds what open panes add to memory until they are sealed. */
  readonly slices: TimedCells<Shape>
  readonly folds: readonly Fold[]
  readonly sums: PaneSums
  readonly findings = new EntityFindings()
  /** What a restart left unread of both. */
  readonly unread: UnreadReader
  /** What the store is told of both. */
  readonly told: { readonly panes: ToldParts; readonly slices: ToldParts }
  /** Index of the newest sealed pane, −Infinity before. */
  sealed = new Float64Array(0)
  /** Events in panes and slices: no window and no memory of the entity holds more, nor both together. */
  events = new Uint32Array(0)
  /** Those of them in slices. */
  memoryEvents = new Uint32Array(0)
  readonly #layout: Layout
  readonly #recency: Recency
  readonly #openMax: number
  /** Where all of memory is folded, panes add to none. */
  readonly openMemory: OpenMemory | undefined
  #turnedAway = 0

  constructor(detector: Detector, layout: Layout, options: EntityTableOptions) {
    const { hash, entitiesMax, openMax, keeping, packBounds } = options
    this.index = new EntityIndex(hash, options.hashOnce)
    this.keys = new Keys(hash)
    const { keys } = this
    const kept = { keeping, packBounds, keys }
    this.panes = new TimedCells(detector.pane, hash, { keepsTimes: true, ...kept })
    this.slices = new TimedCells(detector.memory, hash, { keepsTimes: false, ...kept })
    this.told = {
      panes: new ToldParts('pane', this.panes, this.index),
      slices: new ToldParts('slice', this.slices, this.index),
    }
    this.folds = foldsOf(detector)
    this.sums = new PaneSums(this.panes.arena, detector.sums)
    const { arena } = this.slices
    if (this.folds.length < arena.names.length) this.openMemory = new OpenMemory(arena)
    this.unread = new UnreadReader(this, detector.id)
    this.#layout = layout
    this.#openMax = openMax
    this.#recency = new Recency(entitiesMax, {
      hashOf: (entity) => this.index.hashOf(entity),
      keyOf: (entity) => this.index.key(entity),
      sealedOf: (entity) => this.sealed[entity] as number,
    })
  }

  get bytes(): number {
    const parts = [this.panes, this.slices, this.keys, this.#recency, this.index, this.sums]
    return parts.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /**
   * The number of an entity, a new one when it is unknown; `undefined` beyond the hard bound, which a flood of keys
   * reaches between two seals. Who is turned away depends on arrival, but running out of memory would lose everybody.
   */
  open(kind: EntityKind, id: string, hash = this.index.hash(kind, id)): number | undefined {
    const known = this.index.get(kind, id, hash)
    if (known !== undefined) return known
    if (this.index.size < this.#openMax) return this.add(kind, id, hash)
    this.#turnedAway++
    return undefined
  }

  /** The number of an entity that is not known, whatever the bound. */
  add(kind: EntityKind, id: string, hash: number): number {
    const entity = this.index.add(kind, id, hash)
    if (entity >= this.sealed.length) this.#reserve()
    this.sealed[entity] = Number.NEGATIVE_INFINITY
    this.events[entity] = 0
    this.memoryEvents[entity] = 0
    return entity
  }

  /** The slot of the entity's pane `index`, opened when this is its first event. */
  paneOf(entity: number, index: number): number {
    this.unread.read(entity)
    const { panes } = this
    const known = panes.find(entity, index)
    const pane = known >= 0 ? known : panes.open(entity, index)
    panes.changes.changed(pane)
    return pane
  }

  /** The slot in the arena of `slices` that an open pane adds to. */
  memoryOf(pane: number): number {
    return this.openMemory?.open(pane) ?? 0
  }

  /** What an open pane added to memory so far: a slot of the arena of `slices`, or −1. */
  unsettledOf(pane: number): number {
    return this.openMemory?.of(pane) ?? -1
  }

  /**
   * Marks a judged pane as sealed. What it added to memory goes to its slice; what memory folds from it stays in the pane,
   * and is read there, until no window reaches that.
   */
  settle(pane: number): void {
    const { panes, slices } = this
    const entity = panes.entityOf(pane)
    this.unread.read(entity)
    this.sealed[entity] = panes.indexOf(pane)
    this.#recency.touch(entity)
    this.sums.add(entity, pane)
    const own = this.unsettledOf(pane)
    if (own < 0 || this.#layout.memoryPaneMs === 0) return
    const slice = this.sliceOf(pane)
    const slot = slices.find(entity, slice)
    if (slot < 0) slices.adopt(own, entity, slice)
    else {
      slices.arena.merge(slot, slices.arena, own)
      slices.arena.release(own)
    }
    this.openMemory?.forget(pane)
    panes.changes.changed(pane)
    slices.changes.changed(slot < 0 ? own : slot)
  }

  /** Index of the slice of long memory that holds a pane. */
  sliceOf(pane: number): number {
    return Math.floor(this.startOf(pane) / this.#layout.memoryPaneMs)
  }

  /** Start of a pane in event time, milliseconds. */
  startOf(pane: number): number {
    return this.panes.indexOf(pane) * this.#layout.paneMs
  }

  /** Takes the sealed state of the stalest entities beyond the bound; open panes stay. Returns how many went or were turned away. */
  evict(): number {
    const stalest = this.#recency.overflow()
    for (const entity of stalest) {
      const sealed = this.sealed[entity] as number
      for (let pane = this.panes.newest(entity); pane >= 0; ) {
        const older = this.panes.older(pane)
        if (this.panes.indexOf(pane) <= sealed) this.#drop(this.panes, pane)
        pane = older
      }
      for (let slice = this.slices.newest(entity); slice >= 0; slice = this.slices.newest(entity)) {
        this.#drop(this.slices, slice)
      }
      this.#release(entity)
    }
    const gone = stalest.length + this.#turnedAway
    this.#turnedAway = 0
    return gone
  }

  /** Forgets panes, slices and findings that no window ending with pane `index` or later can reach. */
  *forgetting(index: number): Steps {
    const { paneMs, panes, memoryPaneMs, retentionMs, windowMs } = this.#layout
    const start = index * paneMs
    const lastSlice = Math.floor((start - retentionMs) / Math.max(1, memoryPaneMs)) - 1
    yield* this.panes.expiring(index - panes, (pane) => {
      if (memoryPaneMs > 0 && this.sliceOf(pane) > lastSlice) rememberPane(this, pane)
      this.#expire(this.panes, pane)
    })
    yield* this.slices.expiring(lastSlice, (slice) => this.#expire(this.slices, slice))
    // A finding is continued by one of the next period, so it is kept for two.
    this.findings.expire((Math.floor(start / windowMs) - 2) * windowMs, (entity) => this.#release(entity))
  }

  /** After the last restored part: panes before `boundary` are sealed, and the bounds learn the entities, stalest first. */
  restored(boundary: number): void {
    for (const cells of [this.panes, this.slices]) cells.restored()
    const entities: number[] = []
    for (let entity = 0; entity < this.index.capacity; entity++) {
      let pane = this.panes.newest(entity)
      while (pane >= 0 && this.panes.indexOf(pane) >= boundary) pane = this.panes.older(pane)
      if (pane >= 0) this.sealed[entity] = Math.max(this.sealed[entity] as number, this.panes.indexOf(pane))
      if (this.#hasSealed(entity)) entities.push(entity)
    }
    this.#recency.touchAll(entities)
    this.unread.readSome(entities)
  }

  #reserve(): void {
    this.sealed = grown(this.sealed, this.index.capacity)
    this.events = grown(this.events, this.sealed.length)
    this.memoryEvents = grown(this.memoryEvents, this.sealed.length)
    this.panes.reserve(this.sealed.length)
    this.slices.reserve(this.sealed.length)
    this.#recency.reserve(this.sealed.length)
    this.sums.reserve(this.sealed.length)
  }

  #drop(cells: TimedCells<Shape>, slot: number): void {
    const entity = cells.entityOf(slot)
    const events = cells.eventsOf(slot)
    this.events[entity] = (this.events[entity] as number) - events
    if (cells === this.panes) this.sums.subtract(entity, slot)
    else this.memoryEvents[entity] = (this.memoryEvents[entity] as number) - events
    this.told[cells === this.panes ? 'panes' : 'slices'].released(slot)
    cells.remove(slot)
  }

  #expire(cells: TimedCells<Shape>, slot: number): void {
    const entity = cells.entityOf(slot)
    this.#drop(cells, slot)
    this.#release(entity)
  }

  /** An entity without sealed state is not counted; without panes, memory and findings it is gone. */
  #release(entity: number): void {
    if (this.#hasSealed(entity)) return
    this.#recency.forget(entity)
    if (this.panes.newest(entity) >= 0 || this.findings.has(entity)) return
    this.index.delete(entity)
    this.sealed[entity] = Number.NEGATIVE_INFINITY
  }

  /** Whether the entity has slices of memory or sealed panes, which are older than the open ones. */
  #hasSealed(entity: number): boolean {
    if (this.slices.newest(entity) >= 0) return true
    const oldest = this.panes.oldest(entity)
    return oldest >= 0 && this.panes.indexOf(oldest) <= (this.sealed[entity] as number)
  }
}
