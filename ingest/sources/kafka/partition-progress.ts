import type { Backlog, LostRange } from '../../../core/ports/source.ts'
import type { HandOver } from './hand-over.ts'
import type { OffsetRange } from './topic-offsets.ts'

interface Progress {
  /** Everything before was handed over. */
  next: number
  /** Where the partition ends, as far as is known. */
  high: number
  /** Offset before which reading ends. */
  readonly until: number
}

/** How far each partition was read, which are ours, and what the reader is told about them. */
export class PartitionProgress {
  readonly #handOver: HandOver
  readonly #endsAtRange: boolean
  readonly #partitions = new Map<string, Progress>()
  readonly #ended = new Set<string>()
  /** Found before the partition was ours. */
  readonly #lostBefore = new Map<string, LostRange>()
  #assigned: readonly string[] = []

  /** `endsAtRange`: end where the partitions ended when they were begun. */
  constructor(handOver: HandOver, endsAtRange: boolean) {
    this.#handOver = handOver
    this.#endsAtRange = endsAtRange
  }

  get assigned(): readonly string[] {
    return this.#assigned
  }

  isBegun(id: string): boolean {
    return this.#partitions.has(id)
  }

  begin(id: string, { high }: OffsetRange, next: number, lost?: LostRange): void {
    const until = this.#endsAtRange ? high : Number.POSITIVE_INFINITY
    this.#partitions.set(id, { next, high, until })
    if (lost) this.#lostBefore.set(id, lost)
  }

  /** Offset to read next. A partition that appeared since the beginning is read from its start. */
  next(id: string): number {
    return this.#partitions.get(id)?.next ?? 0
  }

  until(id: string): number {
    return this.#partitions.get(id)?.until ?? Number.POSITIVE_INFINITY
  }

  /** What `next` becomes once everything before `fetched` was handed over. */
  behind(id: string, fetched: number): number {
    return Math.min(this.until(id), Math.max(this.next(id), fetched))
  }

  hasEnded(id: string): boolean {
    return this.#ended.has(id)
  }

  advance(id: string, next: number): void {
    this.#of(id).next = next
    this.#endIfRead(id)
  }

  reaches(id: string, high: number): void {
    this.#of(id).high = high
  }

  backlog(): Backlog[] {
    return this.#assigned.flatMap((partition) => {
      const { next, high } = this.#of(partition)
      return this.#ended.has(partition) ? [] : [{ partition, records: Math.max(0, high - next) }]
    })
  }

  /**
   * Takes a new assignment: tells of new partitions first, so that time isn't let go in between, then where each is
   * begun, so that a start at the end of a topic is one that a restart goes on from. Returns what is not ours any more.
   */
  assign(ids: readonly string[]): readonly string[] {
    const before = this.#assigned
    this.#assigned = ids
    const news = ids.filter((id) => !before.includes(id))
    for (const partition of news) {
      this.#ended.delete(partition)
      this.#handOver.tell({ kind: 'opened', partition })
    }
    for (const partition of news) {
      const lost = this.#lostBefore.get(partition)
      this.#lostBefore.delete(partition)
      const next = this.next(partition)
      this.#handOver.offer({ kind: 'records', partition, records: [], next, ...(lost && { lost: [lost] }) })
    }
    const taken = before.filter((id) => !ids.includes(id))
    for (const id of taken) this.#end(id)
    for (const id of ids) this.#endIfRead(id)
    return taken
  }

  #of(id: string): Progress {
    const known = this.#partitions.get(id) ?? { next: 0, high: 0, until: Number.POSITIVE_INFINITY }
    this.#partitions.set(id, known)
    return known
  }

  #endIfRead(id: string): void {
    if (this.next(id) < this.until(id)) return
    this.#end(id)
    if (this.#assigned.every((other) => this.#ended.has(other))) this.#handOver.finish()
  }

  #end(partition: string): void {
    if (this.#ended.has(partition)) return
    this.#ended.add(partition)
    this.#handOver.tell({ kind: 'ended', partition })
  }
}
