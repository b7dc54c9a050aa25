import type { Decision } from '../decision/decision.ts'
import type { Finding } from '../detector/finding.ts'
import type { SealedPane } from '../engine/sealed-pane.ts'
import type { Event } from '../event/event.ts'
import type { Position } from '../event/position.ts'
import type { Run } from '../response/run.ts'

/** An accepted event as it is copied, with its position. */
export interface EventRow {
  readonly lane: Pick<Position, 'source' | 'partition'>
  readonly offset: number
  readonly event: Event
}

/** What a row of each table is made from. */
export interface AnalyticsTables {
  readonly events: EventRow
  readonly panes: SealedPane
  readonly findings: Finding
  readonly decisions: Decision & { readonly removed?: number }
  readonly runs: Run
}
export type AnalyticsTable = keyof AnalyticsTables

/** Rows of one table, encoded, and cut so that a repeated batch carries the same token. */
export interface AnalyticsBatch {
  readonly table: AnalyticsTable
  /** Same token, same rows: the store keeps them once. */
  readonly token: string
  /** The rows with the columns' names and types before them, as the store's encoder wrote them. */
  readonly bytes: Uint8Array
}

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

/** Which events are looked up: offsets from `first` to `last`, both included. */
export interface EventRange {
  readonly space: string
  readonly lane: string
  readonly source: string
  readonly partition: string
  readonly first: number
  readonly last: number
}

/** Tells which events were copied. */
export interface EventLookup {
  /** Offsets in the range that there are rows of. */
  eventOffsets(range: EventRange): Promise<readonly number[]>
}

/** Rows of one table by their ids, looked up in one space and lane. */
export interface RowQuery {
  readonly table: Exclude<AnalyticsTable, 'events' | 'panes'>
  readonly space: string
  readonly lane: string
  readonly ids: readonly string[]
  /** Only those that were stored since then, epoch milliseconds by the clock of the store, to the second. */
  readonly since: number
}

/** Tells which rows were copied. */
export interface RowLookup {
  /** Those of the ids that a row was stored of. */
  storedIds(query: RowQuery): Promise<readonly string[]>
}

/** The store's own clock, by which it notes when rows were stored. */
export interface StoreClock {
  /** Epoch milliseconds. Rejects when it does not answer soon. */
  now(): Promise<number>
}

/** Copies for analysis and history (ClickHouse). Never the truth: losing it loses no finding. */
export interface AnalyticsStore {
  /** Creates or migrates the tables; rejects with what is unreachable or too old. */
  prepare(): Promise<void>
  /** Resolves when the rows are stored; rejects with why they are not, after which the same batch may come again. */
  insert(batch: AnalyticsBatch): Promise<void>
  /** Distributions from unflagged sealed panes, summed by the store (`sumMap`), in a fixed order. */
  measureBuckets(query: PaneQuery): Promise<readonly MeasureBucket[]>
  close(): Promise<void>
}
