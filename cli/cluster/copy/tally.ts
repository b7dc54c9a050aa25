/** What a process has copied since its start. */
export interface CopyTally {
  /** Rows that ClickHouse has. */
  copied: number
  /** Rows that it refused. */
  skipped: number
}
