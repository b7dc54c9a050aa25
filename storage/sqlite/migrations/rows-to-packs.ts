import type { Database } from 'better-sqlite3'
import { packsOf } from '../../../core/engine/entity-pack.ts'
import type { EntityRecord } from '../../../core/ports/state-store.ts'
import { originalText, storedText } from '../stored-text.ts'
import { unpackBatch } from './entity-batch.ts'

const version5 = `
  CREATE TABLE entity_packs (
    seq INTEGER PRIMARY KEY, detector TEXT NOT NULL, version INTEGER NOT NULL, part TEXT NOT NULL,
    number INTEGER NOT NULL, bytes BLOB NOT NULL, UNIQUE (detector, version, part, number)
  ) STRICT;
`

/** Records that are packed together. */
const packRecords = 10_000

interface Row {
  readonly seq: number
  readonly detector: string
  readonly version: number
  readonly entity: string
  readonly bytes: Buffer
}

/** The step to schema 5: what rows and batches hold of entities is put into packs, batches behind the rows that they change. */
export function rowsToPacks(db: Database): void {
  db.exec(version5)
  const insert = db.prepare(
    'INSERT INTO entity_packs (detector, version, part, number, bytes) VALUES (?, ?, ?, ?, ?)',
  )
  let number = 0
  function write(records: Iterable<EntityRecord>): void {
    number++
    for (const { detector, version, part, bytes } of packsOf(records, number))
      insert.run(storedText(detector), version, part, number, bytes)
  }
  for (const records of rowsOf(db)) write(records)
  const batch = db.prepare('SELECT seq, bytes FROM entity_batches WHERE seq > ? ORDER BY seq LIMIT 1')
  for (let row = batch.get(-1); row !== undefined; ) {
    const { seq, bytes } = row as Pick<Row, 'seq' | 'bytes'>
    write(unpackBatch(bytes))
    row = batch.get(seq)
  }
  db.exec('DROP TABLE entities; DROP TABLE entity_batches;')
}

/** In pieces, for a table that is being read can't be written beside. */
function* rowsOf(db: Database): Generator<EntityRecord[]> {
  const page = db.prepare('SELECT * FROM entities WHERE seq > ? ORDER BY seq LIMIT ?')
  for (let seq = -1; ; ) {
    const rows = page.all(seq, packRecords) as Row[]
    const last = rows.at(-1)
    if (last === undefined) return
    seq = last.seq
    yield rows.map(({ detector, version, entity, bytes }) => {
      return { detector: originalText(detector), version, entity: originalText(entity), bytes }
    })
  }
}
