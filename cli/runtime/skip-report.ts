import type { AnalyticsTable } from '../../core/ports/analytics-store.ts'
import type { BatchLabel } from '../../storage/spill/batch-label.ts'
import type { SkippedLog } from '../../storage/spill/skipped-log.ts'
import type { SkipReason } from '../../storage/spill/skipped-range.ts'

/** Rows that are given up, and where they came from. */
export type SkippedRows = Pick<BatchLabel, 'table' | 'space' | 'lane' | 'rows' | 'ranges'>

const causes: Record<SkipReason, string> = {
  full: 'the queue of copies for analysis is full: start ClickHouse or give it more room, or raise clickhouse.spill_max',
  unwritable: 'the disk queue of copies for analysis cannot be written: make room in the data folder',
  refused: 'ClickHouse refuses copies',
  torn: 'a crash cut off copies that were being written to disk',
  overtaken:
    'retention of the topic of copies deleted the beginning of rows that may be stored already: picket refill looks them up',
  damaged: 'copies that waited on disk are damaged: check the disk of the data folder',
}

/** The same cause is told again after so long. */
const repeatMs = 10 * 60_000

/** Counts and records rows that are given up, and says so: once for each cause, until everything that waited is sent. */
export class SkipReport {
  readonly rows = new Map<AnalyticsTable, number>()
  /** Ranges of events that were recorded. */
  ranges = 0
  readonly #report: (problem: string) => void
  readonly #log: SkippedLog | undefined
  readonly #told = new Map<string, number>()
  /** Something was skipped for want of room since everything was sent last. */
  #isBehind = false

  constructor(report: (problem: string) => void, log: SkippedLog | undefined) {
    this.#report = report
    this.#log = log
  }

  /** `detail`: in the words of who refused them. */
  add(rows: SkippedRows, reason: SkipReason, detail?: string): void {
    this.count(rows.table, rows.rows)
    this.ranges += rows.ranges.length
    this.#log?.add(rows, reason)
    this.#isBehind ||= reason === 'full' || reason === 'unwritable'
    const where = this.#log ? `, and the ranges of events are recorded in ${this.#log.path}` : ''
    const why = detail === undefined ? causes[reason] : `${causes[reason]}: ${detail}`
    this.#tell(reason, `${why}; detection goes on, rows of ${rows.table} are skipped${where}`)
  }

  /** Rows without a source, which `picket refill` inserts from where they are kept. */
  kept(
    { table, rows }: Pick<SkippedRows, 'table' | 'rows'>,
    folder: string,
    reason: SkipReason,
    detail: string,
  ): void {
    this.count(table, rows)
    this.#tell(
      `kept ${table} ${reason}`,
      `${causes[reason]}: ${detail}; detection goes on, rows of ${table} are kept in ${folder}: mend the cause, then picket refill`,
    )
  }

  /** Rows that could not even be written down. */
  drop(table: AnalyticsTable, why: string): void {
    this.count(table, 1)
    this.#tell(table, `a row of ${table} was skipped: ${why}`)
  }

  count(table: AnalyticsTable, rows: number): void {
    this.rows.set(table, (this.rows.get(table) ?? 0) + rows)
  }

  /** Nothing waits any more: what happens next is told anew. */
  drained(): void {
    if (!this.#isBehind) return
    this.#isBehind = false
    this.#report(`copies for analysis are up to date again; ${this.text()}`)
    for (const reason of ['full', 'unwritable']) this.#told.delete(reason)
  }

  #tell(cause: string, text: string): void {
    const now = performance.now()
    if (now - (this.#told.get(cause) ?? Number.NEGATIVE_INFINITY) < repeatMs) return
    this.#told.set(cause, now)
    this.#report(text)
  }

  text(): string {
    return `${[...this.rows].map(([table, rows]) => `${rows} rows of ${table}`).join(', ')} skipped since the start`
  }
}
