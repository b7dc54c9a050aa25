import { type Cells, mergeCells, openCells, type Shape } from '../aggregates/aggregate.ts'
import type { Detector } from '../detector/detector.ts'
import { type Entity, entityKey } from '../entity/entity.ts'
import type { KeyedHash } from '../hash/keyed-hash.ts'
import type { EntityRecord } from '../ports/state-store.ts'
import { Bounds } from './bounds.ts'
import { decodeEntity, encodeEntity } from './entity-codec.ts'
import { type EntityState, newEntityState, type Pane } from './entity-state.ts'
import type { Layout } from './layout.ts'

type Index = Map<number, Set<EntityState>>

function indexed(index: Index, at: number): Set<EntityState> {
  let set = index.get(at)
  if (!set) {
    set = new Set()
    index.set(at, set)
  }
  return set
}

export interface EntityTableOptions {
  readonly hash: KeyedHash
  /** Entities with sealed state that are kept. */
  readonly entitiesMax: number
  /** The hard bound, open ones included. */
  readonly openMax: number
  /** Whether changed entities are remembered for `drainDirty`. */
  readonly durable: boolean
}

/** The entities of one detector, found by key and by pane, and forgotten when no window can reach them. */
export class EntityTable {
  readonly #detector: Detector
  readonly #layout: Layout
  readonly #hash: KeyedHash
  readonly #shape: Shape
  readonly #bounds: Bounds
  readonly #entities = new Map<string, EntityState>()
  readonly #open: Index = new Map()
  readonly #sealed: Index = new Map()
  readonly #slices: Index = new Map()
  readonly #found: Index = new Map()
  readonly #dirty = new Set<string>()
  readonly #durable: boolean
  readonly #openMax: number
  #turnedAway = 0

  constructor(
    detector: Detector,
    layout: Layout,
    { hash, entitiesMax, openMax, durable }: EntityTableOptions,
  ) {
    this.#detector = detector
    this.#layout = layout
    this.#hash = hash
    this.#shape = { ...detector.pane, ...detector.memory }
    this.#bounds = new Bounds(entitiesMax, hash)
    this.#durable = durable
    this.#openMax = openMax
  }

  get size(): number {
    return this.#entities.size
  }

  get(key: string): EntityState | undefined {
    return this.#entities.get(key)
  }

  /**
   * The state of an entity, opened when it is new; `undefined` beyond the hard bound, which a flood of keys reaches
   * between two seals. Who is turned away depends on arrival, but running out of memory would lose everybody.
   */
  stateOf(key: string, entity: Entity): EntityState | undefined {
    let state = this.#entities.get(key)
    if (!state) {
      if (this.#entities.size >= this.#openMax) {
        this.#turnedAway++
        return undefined
      }
      state = newEntityState(key, entity, this.#bounds.shardOf(key))
      this.#entities.set(key, state)
    }
    return state
  }

  /** The entity's pane that holds `time`, opened when this is its first event. */
  paneAt(state: EntityState, time: number): Pane {
    const index = Math.floor(time / this.#layout.paneMs)
    this.#changed(state)
    for (const pane of state.panes) if (pane.index === index) return pane
    const pane: Pane = {
      index,
      first: time,
      last: time,
      events: 0,
      cells: openCells(this.#shape, this.#hash),
    }
    state.panes.push(pane)
    indexed(this.#open, index).add(state)
    return pane
  }

  /** Open panes before `boundary`, oldest first, each with its entities; they leave the open index. */
  *due(boundary: number): Generator<readonly [number, ReadonlySet<EntityState>]> {
    const indices = [...this.#open.keys()]
      .filter((index) => index < boundary)
      .sort((left, right) => left - right)
    for (const index of indices) {
      yield [index, this.#open.get(index) ?? new Set()]
      this.#open.delete(index)
    }
  }

  /** Marks a judged pane as sealed and folds its memory cells into the coarse slice. */
  settle(state: EntityState, index: number): void {
    state.sealed = index
    indexed(this.#sealed, index).add(state)
    this.#bounds.touch(state)
    this.#changed(state)
    const pane = state.panes.find((candidate) => candidate.index === index)
    if (!pane || this.#layout.memoryPaneMs === 0) return
    const slice = Math.floor((index * this.#layout.paneMs) / this.#layout.memoryPaneMs)
    const cells = state.memory.get(slice) ?? openCells(this.#detector.memory, this.#hash)
    mergeCells(this.#detector.memory, cells, pane.cells)
    state.memory.set(slice, cells)
    indexed(this.#slices, slice).add(state)
    pane.cells = only(this.#detector.pane, pane.cells)
  }

  /** Takes the sealed state of the stalest entities beyond the bound; open panes stay. Returns how many went or were turned away. */
  evict(): number {
    const stalest = this.#bounds.overflow()
    for (const state of stalest) {
      state.panes = state.panes.filter((pane) => pane.index > state.sealed)
      state.memory.clear()
      this.#release(state)
    }
    const gone = stalest.length + this.#turnedAway
    this.#turnedAway = 0
    return gone
  }

  /** Forgets panes, slices and findings that no window ending with pane `index` or later can reach. */
  forget(index: number): void {
    const { paneMs, panes, memoryPaneMs, retentionMs, windowMs } = this.#layout
    const start = index * paneMs
    expire(this.#sealed, index - panes, (state, expired) => {
      state.panes = state.panes.filter((pane) => pane.index !== expired)
      this.#release(state)
    })
    const oldestSlice = Math.floor((start - retentionMs) / Math.max(1, memoryPaneMs)) - 1
    expire(this.#slices, oldestSlice, (state, expired) => {
      state.memory.delete(expired)
      this.#release(state)
    })
    // A finding is continued by one of the next period, so it is kept for two.
    expire(this.#found, Math.floor(start / windowMs) - 2, (state, expired) => {
      state.findings = state.findings.filter((finding) => finding.period !== expired * windowMs)
      this.#release(state)
    })
  }

  /** The entity has a finding in this period: it is kept until no finding can continue it. */
  found(state: EntityState, period: number): void {
    indexed(this.#found, Math.floor(period / this.#layout.windowMs)).add(state)
  }

  drainDirty(): EntityRecord[] {
    const { id, version } = this.#detector
    const records = [...this.#dirty].map((key) => {
      const state = this.#entities.get(key)
      return { detector: id, version, entity: key, bytes: state && encodeEntity(this.#detector, state) }
    })
    this.#dirty.clear()
    return records
  }

  restore(entity: Entity, bytes: Uint8Array): void {
    const state = this.stateOf(entityKey(entity), entity)
    if (!state) return
    Object.assign(state, decodeEntity(this.#detector, bytes, this.#hash))
    for (const slice of state.memory.keys()) indexed(this.#slices, slice).add(state)
    for (const { index } of state.panes)
      indexed(index > state.sealed ? this.#open : this.#sealed, index).add(state)
  }

  /** After the last `restore`: the bounds learn the entities, stalest first. */
  restored(): void {
    const sealed = [...this.#entities.values()].filter((state) => state.sealed > Number.NEGATIVE_INFINITY)
    for (const state of sealed.sort((left, right) => left.sealed - right.sealed)) this.#bounds.touch(state)
  }

  #changed(state: EntityState): void {
    if (this.#durable) this.#dirty.add(state.key)
  }

  /** An entity without sealed state is not counted; without panes, memory and findings it is gone. */
  #release(state: EntityState): void {
    // An index may still name an entity that was dropped and has come back as another state.
    if (this.#entities.get(state.key) !== state) return
    this.#changed(state)
    if (state.memory.size > 0 || state.panes.some((pane) => pane.index <= state.sealed)) return
    this.#bounds.forget(state)
    if (state.panes.length === 0 && state.findings.length === 0) this.#entities.delete(state.key)
  }
}

/** Takes every entry at or before `last` out of an index. */
function expire(index: Index, last: number, release: (state: EntityState, at: number) => void): void {
  for (const [at, states] of index) {
    if (at > last) continue
    index.delete(at)
    for (const state of states) release(state, at)
  }
}

function only(shape: Shape, cells: Cells<Shape>): Cells<Shape> {
  return Object.fromEntries(Object.keys(shape).map((name) => [name, cells[name]]))
}
