import type { Database, Statement } from 'better-sqlite3'
import { unpack } from '../../core/engine/entity-pack.ts'
import type { EntityRecord } from '../../core/ports/state-store.ts'
import { sortInSteps } from './sort-in-steps.ts'
import { storedText } from './stored-text.ts'

/** Bytes in batches beyond which they are folded: the more, the more changes of one record become one write. */
export const foldedFromBytes = 16 * 1024 * 1024

/** Rows that one step writes, and records that it reads: a commit that comes meanwhile waits for them. */
const stepMax = { rows: 256, records: 1024 }
/** What a row takes in the write-ahead log, about, for neighbours share pages of table and index; and a batch that goes. */
const rowBytes = 1024
const goneBytes = 16 * 1024

const sql = {
  bytes: 'SELECT coalesce(sum(length(bytes)), 0) FROM entity_batches',
  newest: 'SELECT max(seq) FROM entity_batches',
  oldest: 'SELECT min(seq) FROM entity_batches WHERE seq <= ?',
  batch: 'SELECT seq, bytes FROM entity_batches WHERE seq <= ? ORDER BY seq DESC LIMIT 1',
  gone: 'DELETE FROM entity_batches WHERE seq = ?',
  entity: `INSERT INTO entities (detector, version, entity, bytes) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET bytes = excluded.bytes`,
  entityGone: 'DELETE FROM entities WHERE detector = ? AND version = ? AND entity = ?',
} as const

/** Which record, in one text. */
export function recordKey({ detector, version, entity }: EntityRecord): string {
  return `${version} ${detector.length} ${detector}${entity}`
}

/**
 * Puts the newest of what batches hold into rows, now and then, in short steps, each a transaction of its own: batches go
 * last and oldest first, so that between any two steps, and after a crash there, rows with the batches over them are the
 * same as before.
 */
export class EntityFold {
  readonly #statements: Readonly<Record<keyof typeof sql, Statement<unknown[]>>>
  readonly #fromBytes: number
  /** Bytes in batches that no fold has begun with. */
  #bytes: number
  #steps: Iterator<void> | undefined
  /** Bytes that steps have written so far, about. */
  written = 0

  constructor(db: Database, fromBytes = foldedFromBytes) {
    this.#statements = Object.fromEntries(
      Object.entries(sql).map(([name, text]) => [name, db.prepare(text)]),
    ) as Record<keyof typeof sql, Statement<unknown[]>>
    this.#fromBytes = fromBytes
    this.#bytes = Number(this.#statements.bytes.pluck().get())
  }

  /** A batch was written. */
  added(bytes: number): void {
    this.#bytes += bytes
  }

  /** Whether `step` has something to do. */
  get isDue(): boolean {
    return this.#steps !== undefined || this.#bytes >= this.#fromBytes
  }

  /** One step; call it inside a transaction. */
  step(): void {
    this.#steps ??= this.#begin()
    if (this.#steps.next().done) this.#steps = undefined
  }

  /** A step was not written: the fold begins anew, after as many new bytes as it takes. */
  giveUp(): void {
    this.#steps = undefined
  }

  #begin(): Iterator<void> {
    this.#bytes = 0
    return this.#fold(Number(this.#statements.newest.pluck().get()))
  }

  *#fold(last: number): Generator<void, void> {
    const newest = new Map<string, EntityRecord>()
    for (let seq = last; ; ) {
      const row = this.#statements.batch.get(seq) as { seq: number; bytes: Buffer } | undefined
      if (row === undefined) break
      // Within a batch the last one wins: what is gone comes first, and may have come back.
      const own = new Map<string, EntityRecord>()
      let records = 0
      for (const record of unpack([row.bytes])) {
        own.set(recordKey(record), record)
        if (++records % stepMax.records === 0) yield
      }
      for (const [key, record] of own) {
        if (!newest.has(key)) newest.set(key, record)
        if (++records % stepMax.records === 0) yield
      }
      seq = row.seq - 1
      yield
    }
    // Those of a detector in the order of the table's index: neighbours share its pages, and each page is written once.
    const inOrder = yield* sortInSteps([...newest], ([key]) => key, stepMax.records)
    let rows = 0
    for (const [, record] of inOrder) {
      this.#write(record)
      rows++
      if (rows % stepMax.rows > 0) continue
      this.written += stepMax.rows * rowBytes
      yield
    }
    const { oldest, gone } = this.#statements
    for (let seq = oldest.pluck().get(last); seq !== null; seq = oldest.pluck().get(last)) {
      yield
      gone.run(seq)
      this.written += goneBytes
    }
  }

  #write({ detector, version, entity, bytes }: EntityRecord): void {
    const names = [storedText(detector), version, storedText(entity)]
    if (bytes === undefined) this.#statements.entityGone.run(...names)
    else this.#statements.entity.run(...names, bytes)
  }
}
