import type { Cells, Shape } from '../aggregates/aggregate.ts'
import type { Finding } from '../detector/finding.ts'
import type { Entity } from '../entity/entity.ts'

/** What one entity did in one slice of event time. */
export interface Pane {
  /** Start ÷ pane length. */
  readonly index: number
  /** Time of the first and last event, epoch milliseconds. */
  first: number
  last: number
  events: number
  /** Cells of the detector's `pane` shape, and of its `memory` shape until the pane is sealed. */
  cells: Cells<Shape>
}

/** Everything that one detector knows of one entity. */
export interface EntityState {
  readonly key: string
  readonly entity: Entity
  readonly shard: number
  /** Open and sealed panes, any order; a handful. */
  panes: Pane[]
  /** Long memory: coarse slices by index, folded from panes as these are sealed. */
  readonly memory: Map<number, Cells<Shape>>
  /** Findings of this period and the one before, oldest first. */
  findings: Finding[]
  /** Index of the newest sealed pane, or -Infinity: what bounds evict by. */
  sealed: number
}

export function newEntityState(key: string, entity: Entity, shard: number): EntityState {
  return { key, entity, shard, panes: [], memory: new Map(), findings: [], sealed: Number.NEGATIVE_INFINITY }
}
