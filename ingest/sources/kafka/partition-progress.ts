import type { HandOver } from './hand-over.ts'
import type { OffsetRange } from './topic-offsets.ts'

/** How far each partition was read, which are ours, and what the reader is told about them. */
export class PartitionProgress {
  readonly #handOver: HandOver
  readonly #endsAtRange: boolean
  /** As the topics were when reading began. */
  readonly #ranges = new Map<string, OffsetRange>()
  /** Everything before was handed over. */
  readonly #next = new Map<string, number>()
  readonly #ended = new Set<string>()
  #assigned: readonly string[] = []

  constructor(handOver: HandOver, endsAtRange: boolean) {
    this.#handOver = handOver
    this.#endsAtRange = endsAtRange
  }

  get assigned(): readonly string[] {
    return this.#assigned
  }

  begin(id: string, range: OffsetRange, offset: number): void {
    this.#ranges.set(id, range)
    this.#next.set(id, offset)
  }

  /** Offset to read next. A partition that appeared since the beginning is read from its start. */
  next(id: string): number {
    return this.#next.get(id) ?? 0
  }

  /** Offset before which reading ends. */
  until(id: string): number {
    const range = this.#endsAtRange ? this.#ranges.get(id) : undefined
    return range?.high ?? Number.POSITIVE_INFINITY
  }

  /** What `next` becomes once everything up to `lastOffset` was handed over. */
  behind(id: string, lastOffset: string): number {
    return Math.min(this.until(id), Math.max(this.next(id), Number(lastOffset) + 1))
  }

  hasEnded(id: string): boolean {
    return this.#ended.has(id)
  }

  advance(id: string, next: number): void {
    this.#next.set(id, next)
    this.#endIfRead(id)
  }

  /** Takes a new assignment: tells of new partitions first, so that time isn't let go in between. */
  assign(ids: readonly string[]): void {
    const before = this.#assigned
    this.#assigned = ids
    for (const partition of ids) {
      if (before.includes(partition)) continue
      this.#ended.delete(partition)
      this.#handOver.tell({ kind: 'opened', partition })
    }
    for (const id of before) if (!ids.includes(id)) this.#end(id)
    for (const id of ids) this.#endIfRead(id)
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
