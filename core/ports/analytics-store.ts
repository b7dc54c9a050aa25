import type { Decision } from '../decision/decision.ts'
import type { Finding } from '../detector/finding.ts'
import type { SealedPane } from '../engine/sealed-pane.ts'
import type { Event } from '../event/event.ts'
import type { Position } from '../event/position.ts'
import type { Run } from '../response/run.ts'

/** Rows of one table, cut by position so that a repeated batch carries the same token. */
export interface AnalyticsBatch<Row> {
  /** Same token, same rows: the store keeps them once. */
  readonly token: string
  readonly rows: readonly Row[]
}

export interface AnalyticsTables {
  readonly events: { readonly position: Position; readonly event: Event }
  readonly panes: SealedPane
  readonly findings: Finding
  readonly decisions: Decision & { readonly removed?: number }
  readonly runs: Run
}
export type AnalyticsTable = keyof AnalyticsTables

/** Which sealed panes a baseline is cut from: event time in `[from, to)`, epoch milliseconds. */
export interface PaneQuery {
  readonly space: string
  readonly lane: string
  readonly from: number
  readonly to: number
}

/** One bucket of a measure's distribution: how often `value` was seen in that hour of week. */
export interface MeasureBucket {
  readonly detector: string
  readonly version: number
  readonly measure: string
  readonly entity: string
  /** 0 = Monday 00:00–01:00 UTC … 167. */
  readonly hourOfWeek: number
  /** Lower edge of the bucket. */
  readonly value: number
  readonly count: number
}

/** Copies for analysis and history (ClickHouse). Never the truth: losing it loses no finding. */
export interface AnalyticsStore {
  /** Creates or migrates the tables; rejects with what is unreachable or too old. */
  prepare(): Promise<void>
  insert<T extends AnalyticsTable>(
    table: T,
    space: string,
    lane: string,
    batch: AnalyticsBatch<AnalyticsTables[T]>,
  ): Promise<void>
  /** Distributions from unflagged sealed panes, summed by the store (`sumMap`), in a fixed order. */
  measureBuckets(query: PaneQuery): Promise<readonly MeasureBucket[]>
  close(): Promise<void>
}
