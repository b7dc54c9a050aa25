import type { Message, TopicMessages } from 'kafkajs'
import type { AnalyticsTable, AnalyticsTables } from '../../../core/ports/analytics-store.ts'
import type { Located } from '../../pipeline/partition-lane.ts'
import { RowCollector, type Rows } from '../../runtime/copy-rows.ts'
import { SkipReport } from '../../runtime/skip-report.ts'
import type { Cluster } from '../cluster.ts'
import { copyMessage } from './copy-messages.ts'

/** Of the rows in a message before they are packed: brokers take messages up to 1 MB by default, and a row has up to 64 KB. */
const messageMax = { bytes: 600_000, rows: 8000 }

/**
 * Rows for ClickHouse that a role writes into the transaction which makes them true: they are in the topic of copies as often
 * as what they tell of happened, once. Encoded when they come; whoever is away, nothing waits for the store.
 */
export class OutgoingCopies {
  readonly #topic: string
  readonly #partition: number
  readonly #place: { readonly space: string; readonly lane: string }
  readonly #events: RowCollector<'events'>
  readonly #problems: SkipReport
  #pieces: { readonly table: AnalyticsTable; readonly rows: Rows }[] = []

  constructor({ topics, config, log }: Pick<Cluster, 'topics' | 'config' | 'log'>, partition: number) {
    this.#topic = topics.copies.name
    this.#partition = partition % topics.copies.partitions
    this.#place = { space: config.space, lane: 'live' }
    this.#events = new RowCollector('events', this.#place, messageMax)
    this.#problems = new SkipReport((problem) => log.warn(problem), undefined)
  }

  /** Accepted events; they may change afterwards. */
  events(items: readonly Located[]): void {
    for (const item of items) {
      try {
        this.#events.add(item, item)
      } catch (error) {
        this.#drop('events', error)
      }
    }
  }

  addAll<T extends Exclude<AnalyticsTable, 'events'>>(table: T, rows: readonly AnalyticsTables[T][]): void {
    if (rows.length === 0) return
    const collector = new RowCollector<T>(table, this.#place, messageMax)
    for (const row of rows) {
      try {
        collector.add(row)
      } catch (error) {
        this.#drop(table, error)
      }
    }
    this.#pieces.push(...collector.take().map((piece) => ({ table, rows: piece })))
  }

  /** Takes what was added so far, at once; resolves when it is packed. */
  take(): Promise<TopicMessages> {
    const events = this.#events.take().map((rows) => ({ table: 'events' as const, rows }))
    const pieces = [...events, ...this.#pieces.splice(0)]
    const packed = Promise.all(
      pieces.map(({ table, rows }) => copyMessage(table, rows, this.#partition)),
    ).then((messages: Message[]) => ({ topic: this.#topic, messages }))
    // Whoever waits hears of a failure, maybe only after another commit.
    packed.catch(() => {})
    return packed
  }

  /** A row that can't be encoded must not end the process. */
  #drop(table: AnalyticsTable, error: unknown): void {
    this.#problems.drop(table, `it could not be encoded: ${String(error)}`)
  }
}
