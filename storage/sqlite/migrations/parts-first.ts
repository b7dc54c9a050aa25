import type { Database } from 'better-sqlite3'
import { originalText, storedText } from '../stored-text.ts'
import { packBatch, unpackBatch } from './entity-batch.ts'

/** Before schema 4 records were named `<entity> p<index>`; what is not named so is left alone, and refused when it is read. */
const partLast = /^(.*) ([ps]-?\d{1,16})$/s

function partFirst(key: string): string {
  return key.replace(partLast, (_, entity: string, part: string) => `${part} ${entity}`)
}

/** The step to schema 4: records are named by their part first, so that those of one time are neighbours in the file. */
export function namePartsFirst(db: Database): void {
  db.function('part_first', { deterministic: true }, (stored) =>
    storedText(partFirst(originalText(String(stored)))),
  )
  db.exec('UPDATE entities SET entity = part_first(entity)')
  const rename = db.prepare('UPDATE entity_batches SET bytes = ? WHERE seq = ?')
  const batches = db.prepare('SELECT seq, bytes FROM entity_batches').all() as {
    seq: number
    bytes: Buffer
  }[]
  for (const { seq, bytes } of batches) {
    const records = [...unpackBatch(bytes)].map((record) => ({ ...record, entity: partFirst(record.entity) }))
    rename.run(packBatch(records), seq)
  }
}
