import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { packOf } from '../../core/engine/entity-pack.ts'
import type { EntityRecord } from '../../core/ports/state-store.ts'
import { hostileTexts } from '../../test/contracts/state-store-contract.ts'
import { encodeChanges } from './encode-changes.ts'
import { openDatabase, openForCommits } from './open-database.ts'
import { openReadOnly } from './sqlite-state-store.ts'
import { StateCommitter } from './state-committer.ts'

const root = mkdtempSync(join(tmpdir(), 'picket-fold-'))
afterAll(() => rmSync(root, { recursive: true }))

const records: fc.Arbitrary<EntityRecord> = fc.record({
  detector: fc.constantFrom('one', 'two'),
  version: fc.constantFrom(1, -3),
  entity: fc.constantFrom(...hostileTexts.slice(0, -1), 'ip:192.0.2.1 p5', 'ip:192.0.2.1 p6'),
  bytes: fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined }),
})

function plain({ detector, version, entity, bytes }: EntityRecord) {
  return [detector, version, entity, bytes && Buffer.from(bytes).toString('hex')]
}

it('shows the newest of each record between any two steps, whoever reads', async () => {
  let folder = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ list: fc.array(records), steps: fc.nat(8) }), { maxLength: 8 }),
      async (commits) => {
        const path = join(root, String(folder++))
        mkdirSync(path)
        const db = openDatabase(join(path, 'state.db'))
        db.pragma('synchronous = OFF')
        const committer = new StateCommitter(db, 1, { foldedFromBytes: 200 })
        const newest = new Map<string, unknown[]>()
        const reader = await openReadOnly(path)
        for (const { list, steps } of commits) {
          committer.commit(encodeChanges({ entities: packOf(list) }, 1))
          for (const record of list) {
            const key = JSON.stringify([record.detector, record.version, record.entity])
            if (record.bytes) newest.set(key, plain(record))
            else newest.delete(key)
          }
          for (let step = 0; step < steps && committer.isUntidy; step++) committer.tidy()
          const found: unknown[][] = []
          for await (const record of reader.entities()) found.push(plain(record))
          expect(found.map((one) => JSON.stringify(one)).sort()).toEqual(
            [...newest.values()].map((one) => JSON.stringify(one)).sort(),
          )
        }
        await reader.close()
        db.close()
      },
    ),
    { numRuns: 25 },
  )
}, 60_000)

it('keeps the write-ahead log short without a checkpoint within commits', () => {
  const file = join(root, 'logged.db')
  openDatabase(file).close()
  const db = openForCommits(file)
  const committer = new StateCommitter(db, 1, { checkpoints: true })
  const entities = [
    { detector: 'one', version: 1, entity: 'ip:192.0.2.1 p5', bytes: new Uint8Array(1024 * 1024) },
  ]
  for (let commit = 0; commit < 60; commit++) {
    committer.commit(encodeChanges({ entities: packOf(entities) }, 1))
    while (committer.isUntidy) committer.tidy()
  }
  // 60 MiB were written; what one fold writes in a row is in it too.
  expect(statSync(`${file}-wal`).size).toBeLessThan(24 * 1024 * 1024)
  db.close()
})

it('leaves no batch behind once it is done, and stops when another process owns the state', () => {
  const file = join(root, 'owned.db')
  const db = openDatabase(file)
  const committer = new StateCommitter(db, 1, { foldedFromBytes: 1 })
  const commit = (entity: string) => {
    const entities = [{ detector: 'one', version: 1, entity, bytes: new Uint8Array(10) }]
    committer.commit(encodeChanges({ entities: packOf(entities) }, 1))
  }
  const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
  commit('ip:192.0.2.1 p5')
  commit('ip:192.0.2.1 p6')
  expect([count('entity_batches'), count('entities')]).toEqual([2, 0])
  while (committer.isUntidy) committer.tidy()
  expect([count('entity_batches'), count('entities')]).toEqual([0, 2])
  commit('ip:192.0.2.1 p7')
  const other = new Database(file)
  other.exec('UPDATE meta SET term = term + 1')
  other.close()
  committer.tidy()
  expect([count('entity_batches'), count('entities')]).toEqual([1, 2])
  expect(() => commit('ip:192.0.2.1 p8')).toThrow('this process must stop acting')
  db.close()
})
