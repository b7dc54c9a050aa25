import type { Entity } from '../entity/entity.ts'

/** What is kept of a sealed pane for baselines and history: the detector's measures of the window ending in it. */
export interface SealedPane {
  readonly detector: string
  readonly version: number
  readonly entity: Entity
  /** Start and length of the pane in event time, milliseconds. */
  readonly start: number
  readonly paneMs: number
  readonly measures: Readonly<Record<string, number>>
  /** The window was judged positive: baselines leave it out. */
  readonly flagged: boolean
}
