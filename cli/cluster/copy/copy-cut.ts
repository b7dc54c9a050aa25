import { type CopyBatch, GrowingBatch } from '../../runtime/copy-batch.ts'
import type { Copy } from './copy-messages.ts'

/** Everything of one partition of the topic between two offsets: what is inserted together, under tokens that these decide. */
export class CopyCut {
  /** Offset of the first message that may be in it. */
  readonly from: number
  readonly begunAt: number
  /** Offset behind the last one. */
  until: number
  rows = 0
  bytes = 0
  /** By table and columns, for a writer of another version may know others. */
  readonly #batches = new Map<string, GrowingBatch>()

  constructor(from: number, begunAt: number) {
    this.from = from
    this.until = from
    this.begunAt = begunAt
  }

  add({ table, header, rows }: Copy, offset: number): void {
    const key = `${table} ${header.toString('latin1')}`
    const batch = this.#batches.get(key) ?? new GrowingBatch(table, header)
    this.#batches.set(key, batch)
    batch.add(rows)
    this.rows += rows.count
    this.bytes += rows.bytes.length
    this.until = offset + 1
  }

  /** The same batches under the same tokens, whoever made the cut. `place` names the partition. */
  batches(space: string, lane: string, place: string): CopyBatch[] {
    return [...this.#batches.values()].map((batch, index) =>
      batch.end(space, lane, `${place}:${this.from}-${this.until}:${index}`),
    )
  }
}
