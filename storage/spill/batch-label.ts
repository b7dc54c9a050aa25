import type { AnalyticsTable } from '../../core/ports/analytics-store.ts'

/** Events of one source partition: their least and greatest offset, both inclusive, and how many they are. */
export interface OffsetRange {
  readonly source: string
  readonly partition: string
  readonly first: number
  readonly last: number
  readonly rows: number
}

/** What is known of a batch without its rows: enough to send it, and to say what is missing if it can't be sent. */
export interface BatchLabel {
  readonly table: AnalyticsTable
  readonly token: string
  readonly space: string
  readonly lane: string
  readonly rows: number
  /** Partitions (days) of the table that the rows fall in: each takes a place in its deduplication window. */
  readonly parts: number
  /** Where the rows came from; empty for what has no position of its own. */
  readonly ranges: readonly OffsetRange[]
  /** When the store refused it, epoch milliseconds by the store's own clock; absent where it could not be asked. */
  readonly refusedAt?: number
}
