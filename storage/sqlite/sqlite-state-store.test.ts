import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { packsOf, unpack } from '../../core/engine/entity-pack.ts'
import type { StateStore } from '../../core/ports/state-store.ts'
import { collectGarbage } from '../../test/collect-garbage.ts'
import {
  decisionOf,
  findingOf,
  journalOf,
  runOf,
  runStateStoreContract,
} from '../../test/contracts/state-store-contract.ts'
import { packBatch } from './migrations/entity-batch.ts'
import { openDatabase } from './open-database.ts'
import { migrate, migrations } from './schema.ts'
import { openReadOnly, openStateStore } from './sqlite-state-store.ts'
import { stateFiles } from './state-files.ts'

const root = mkdtempSync(join(tmpdir(), 'picket-state-'))
afterAll(() => rmSync(root, { recursive: true }))

let folders = 0
function newFolder(): string {
  folders += 1
  return join(root, String(folders))
}

/** A change behind the store's back, by a connection of its own. */
function tamper(folder: string, sql: string): void {
  const db = new Database(join(folder, 'state.db'))
  db.exec(sql)
  db.close()
}

const folderOf = new WeakMap<object, string>()
async function openIn(folder: string) {
  const store = await openStateStore(folder)
  folderOf.set(store, folder)
  return store
}

runStateStoreContract({
  name: 'sqlite',
  open: () => openIn(newFolder()),
  reopen: (store) => openIn(folderOf.get(store) ?? ''),
  takeOver: (store) => {
    const folder = folderOf.get(store) ?? ''
    rmSync(join(folder, 'state.lock'))
    return openIn(folder)
  },
})

describe('SQLite files and owner', () => {
  let folder: string
  beforeEach(() => {
    folder = newFolder()
  })

  it('is for its user only: folder 0700, every file 0600, also files that were wider', async () => {
    const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)
    const store = await openStateStore(join(folder, 'deep'))
    await store.commit({ marks: [{ key: 'a', value: 'b' }] })
    expect([folder, join(folder, 'deep')].map(modeOf)).toEqual(['700', '700'])
    const files = ['state.db', 'state.db-wal', 'state.db-shm', 'state.lock'].map((name) =>
      join(folder, 'deep', name),
    )
    expect(files.map(modeOf)).toEqual(['600', '600', '600', '600'])
    await store.close()
    chmodSync(join(folder, 'deep', 'state.db'), 0o644)
    await (await openStateStore(join(folder, 'deep'))).close()
    expect(modeOf(join(folder, 'deep', 'state.db'))).toBe('600')
  })

  it('syncs every commit to the disk', async () => {
    mkdirSync(folder)
    const db = openDatabase(join(folder, 'state.db'))
    const full = 2
    expect(db.pragma('synchronous', { simple: true })).toBe(full)
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    db.close()
  })

  it('refuses a second owner, naming the first, and lets it in when the first has closed', async () => {
    const first = await openStateStore(folder)
    const message = `the data folder ${folder} is in use by process ${process.pid} `
    await expect(openStateStore(folder)).rejects.toMatchObject({
      code: 'in_use',
      message: expect.stringContaining(message),
    })
    await first.commit({ marks: [{ key: 'still', value: 'writing' }] })
    await first.close()
    const second = await openStateStore(folder)
    expect(second.term).toBe(2)
    await second.close()
  })
})

describe('SQLite tables', () => {
  let folder: string
  beforeEach(() => {
    folder = newFolder()
  })

  it('writes nothing when SQLite itself refuses in the middle of a commit', async () => {
    const store = await openStateStore(folder)
    tamper(folder, "CREATE TRIGGER full BEFORE INSERT ON exemptions BEGIN SELECT RAISE(ABORT, 'no'); END")
    const exemption = {
      entity: { kind: 'ip', id: '192.0.2.7' } as const,
      until: 5,
      by: 'ana',
      reason: 'ours',
    }
    const changes = { positions: new Map([['p', 1]]), decisions: [decisionOf('d')], exemptions: [exemption] }
    await expect(store.commit(changes)).rejects.toThrow('no')
    const { positions, decisions } = await store.restore()
    expect([positions.size, decisions]).toEqual([0, []])
    await store.close()
  })

  it('never changes a journal entry', async () => {
    const store = await openStateStore(folder)
    await store.commit({ journal: [journalOf('intent', 'k')] })
    expect(() => tamper(folder, "UPDATE journal SET kind = 'result'")).toThrow('journal entries never change')
    await store.close()
  })

  it('keeps 10,000 dead letters in the file, not more', async () => {
    const store = await openStateStore(folder)
    const position = { source: 's', partition: 'p', offset: 1 }
    const letter = { position, reason: 'too_deep', detail: 'x', raw: 'y' } as const
    for (let batch = 0; batch < 5; batch += 1) {
      await store.commit({ deadLetters: Array.from({ length: 4_000 }, () => letter) })
    }
    await store.close()
    const db = new Database(join(folder, 'state.db'), { readonly: true })
    expect(db.prepare('SELECT count(*) FROM dead_letters').pluck().get()).toBe(10_000)
    db.close()
  })

  it('streams packs one by one, whatever their size', async () => {
    const store = await openStateStore(folder)
    const bytes = new Uint8Array(512 * 1024)
    for (let batch = 0; batch < 32; batch += 1) {
      const names = Array.from({ length: 24 }, (_, index) => `ip:${batch}-${index}`)
      await store.commit({
        packs: packsOf(
          names.map((entity) => ({ detector: 'd', version: 1, entity, bytes })),
          batch + 1,
        ),
      })
    }
    const heldBytes = () => {
      collectGarbage()
      return process.memoryUsage().arrayBuffers
    }
    const before = heldBytes()
    let [count, most] = [0, 0]
    for await (const pack of store.packs()) {
      for (const record of unpack([pack])) count += record.bytes?.length === bytes.length ? 1 : 0
      most = Math.max(most, heldBytes() - before)
    }
    expect(count).toBe(768)
    // Eight of 32 packs, for buffers are freed beside the collector.
    expect(most).toBeLessThan(96 * 1024 * 1024)
    await store.close()
  })
})

/** As schemas 1 to 4 had them. */
const oldEntities = `CREATE TABLE entities (
  seq INTEGER PRIMARY KEY, detector TEXT NOT NULL, version INTEGER NOT NULL, entity TEXT NOT NULL,
  bytes BLOB NOT NULL, UNIQUE (detector, version, entity)
) STRICT;`
const oldBatches = 'CREATE TABLE entity_batches (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;'

/** The records that count, each with its first byte. */
async function heldIn(store: Pick<StateStore, 'packs'>): Promise<string[]> {
  const held = new Map<string, number | undefined>()
  for await (const pack of store.packs()) {
    for (const { version, entity, bytes } of unpack([pack])) {
      if (bytes) held.set(`${version} ${entity}`, bytes[0])
      else held.delete(`${version} ${entity}`)
    }
  }
  return [...held].map(([name, byte]) => `${name} ${byte}`).sort()
}

describe('reading beside a running store', () => {
  let folder: string
  beforeEach(() => {
    folder = newFolder()
  })

  it('sees each commit at once, holds nobody up, and cannot write', async () => {
    const store = await openStateStore(folder)
    const reader = await openReadOnly(folder)
    await store.commit({ findings: [findingOf('f', 1)], runs: [runOf('r', findingOf('f', 1))] })
    expect(await reader.findings()).toEqual([findingOf('f', 1)])
    const stream = reader.packs()[Symbol.asyncIterator]()
    await store.commit({
      packs: packsOf([{ detector: 'd', version: 1, entity: 'ip:1', bytes: new Uint8Array(1) }]),
    })
    expect((await stream.next()).value).toMatchObject({ detector: 'd', version: 1, number: 1 })
    await store.commit({ decisions: [decisionOf('d')] })
    expect((await reader.restore()).decisions).toEqual([decisionOf('d')])
    expect(reader.term).toBe(store.term)
    expect('commit' in reader).toBe(false)
    await store.close()
    expect(await reader.decisions()).toEqual([decisionOf('d')])
    await reader.close()
  })

  it('reads the state of a closed store', async () => {
    const store = await openStateStore(folder)
    await store.commit({ findings: [findingOf('f', 1)] })
    await store.close()
    const reader = await openReadOnly(folder)
    expect(await reader.findings({ id: 'f' })).toEqual([findingOf('f', 1)])
    await reader.close()
    await (await openStateStore(folder)).close()
  })

  it('says that there is no state, and makes none', async () => {
    await expect(openReadOnly(folder)).rejects.toMatchObject({ code: 'absent' })
    expect(() => statSync(folder)).toThrow('ENOENT')
  })
})

describe('files that cannot be used', () => {
  let folder: string
  beforeEach(async () => {
    folder = newFolder()
    const store = await openStateStore(folder)
    await store.commit({ findings: [findingOf('f', 1)], marks: [{ key: 'k', value: 'v' }] })
    await store.close()
  })
  const openers = [openStateStore, openReadOnly]

  it('refuses a newer schema, by both openings, and leaves it alone', async () => {
    tamper(folder, 'PRAGMA user_version = 99')
    const newer = { code: 'schema', message: expect.stringContaining('newer Picket (schema 99') }
    for (const open of openers) await expect(open(folder)).rejects.toMatchObject(newer)
    tamper(folder, `PRAGMA user_version = ${migrations.length}`)
    const store = await openStateStore(folder)
    expect(store.term).toBe(2)
    await store.close()
  })

  it('brings a state of the first schema up to date with all that it holds, when it is opened for writing', async () => {
    tamper(folder, `DROP TABLE snapshots; DROP TABLE entity_packs; ${oldEntities} PRAGMA user_version = 1`)
    tamper(folder, "INSERT INTO entities VALUES (1, 'd', 1, 'ip:1 p5', x'01'), (2, 'd', 1, 'ip:1 p6', x'02')")
    await expect(openReadOnly(folder)).rejects.toThrow(/older schema 1 .*start `picket run` once/)
    const store = await openStateStore(folder)
    expect((await store.findings()).map(({ id }) => id)).toEqual(['f'])
    expect(await heldIn(store)).toEqual(['1 p5 ip:1 1', '1 p6 ip:1 2'])
    await store.commit({ snapshots: [{ digest: 'm', text: 'kept' }] })
    expect([...(await store.recording()).snapshots]).toEqual([['m', 'kept']])
    await store.close()
    const reader = await openReadOnly(folder)
    await reader.close()
  })

  it('packs what rows and batches hold of entities, under new names where an older Picket wrote the part last', async () => {
    const named = (entity: string, byte: number | undefined) => {
      return {
        detector: 'd',
        version: 1,
        entity,
        bytes: byte === undefined ? undefined : Uint8Array.of(byte),
      }
    }
    const batches = [
      [named('ip:1 p5', 3), named('token:\ud800 x p1 s-2', 4), named('ip:1 p7', 7)],
      [named('ip:1 p7', undefined)],
    ]
    const db = new Database(stateFiles(folder).database)
    db.exec(`DROP TABLE entity_packs; ${oldEntities} ${oldBatches}`)
    db.exec(`INSERT INTO entities VALUES (1, 'd', 1, 'ip:1 p5', x'01'), (2, 'd', 1, 'ip:1 p6', x'02')`)
    for (const batch of batches)
      db.prepare('INSERT INTO entity_batches (bytes) VALUES (?)').run(packBatch(batch))
    db.pragma('user_version = 3')
    db.close()
    const store = await openStateStore(folder)
    expect(await heldIn(store)).toEqual(['1 p5 ip:1 3', '1 p6 ip:1 2', '1 s-2 token:\ud800 x p1 4'])
    await store.close()
  })

  it('migrates step by step, and refuses to read what is not migrated yet', async () => {
    tamper(folder, 'PRAGMA user_version = 0')
    await expect(openReadOnly(folder)).rejects.toThrow('older schema 0')
    const db = new Database(':memory:')
    migrate(db)
    db.exec("INSERT INTO marks VALUES ('k', 'v')")
    const steps = [...migrations, 'ALTER TABLE marks ADD COLUMN note TEXT']
    migrate(db, steps)
    migrate(db, steps)
    expect(db.prepare('SELECT * FROM marks').get()).toEqual({ key: 'k', value: 'v', note: null })
    expect(db.pragma('user_version', { simple: true })).toBe(migrations.length + 1)
    expect(() => migrate(db)).toThrow('newer Picket')
    db.close()
  })

  it('refuses another SQLite database, and what is no database', async () => {
    tamper(folder, 'PRAGMA application_id = 7')
    for (const open of openers) await expect(open(folder)).rejects.toThrow("not Picket's state")
    truncateSync(join(folder, 'state.db'), 0)
    writeFileSync(join(folder, 'state.db'), 'certainly not a database. '.repeat(100))
    for (const open of openers) await expect(open(folder)).rejects.toThrow('is not a SQLite database')
  })

  it('names the file and what to do where version and tables do not fit', async () => {
    const file = join(folder, 'state.db')
    const said = (why: string) => ({
      code: 'damaged',
      message: expect.stringMatching(
        new RegExp(`^${file} does not have the tables .*: restore the file .*, or move it away .*${why}\\)$`),
      ),
    })
    tamper(folder, `PRAGMA user_version = ${migrations.length - 1}`)
    await expect(openStateStore(folder)).rejects.toMatchObject(said('table entity_packs already exists'))
    tamper(folder, 'PRAGMA user_version = 3')
    await expect(openStateStore(folder)).rejects.toMatchObject(said('no such table: entities'))
    tamper(folder, `DROP TABLE entity_packs; PRAGMA user_version = ${migrations.length}`)
    for (const open of openers)
      await expect(open(folder)).rejects.toMatchObject(said('no such table: entity_packs'))
  })

  it('names table and row of what cannot be read back', async () => {
    const damages = [
      ['UPDATE findings SET body = \'{"id":\'', 'table findings, row "f": its text is not JSON'],
      ["UPDATE findings SET body = 'null'", 'table findings, row "f": expected an object, found null'],
      ["UPDATE findings SET body = '{}'", 'table findings, row "f": id: expected string, found undefined'],
      ["INSERT INTO decisions VALUES ('d', '[\"x\"]')", 'table decisions, row "d": expected an object'],
    ] as const
    for (const [sql, message] of damages) {
      tamper(folder, sql)
      const store = await openStateStore(folder)
      const said = { code: 'damaged', message: expect.stringContaining(message) }
      if (sql.includes('findings')) await expect(store.findings()).rejects.toMatchObject(said)
      else await expect(store.decisions()).rejects.toMatchObject(said)
      await expect(store.restore()).rejects.toMatchObject({ code: 'damaged' })
      await store.close()
    }
    tamper(folder, 'DELETE FROM findings; DELETE FROM decisions')
    for (const column of ['value', 'key']) {
      tamper(folder, `UPDATE marks SET ${column} = '"half'`)
      const reader = await openReadOnly(folder)
      await expect(reader.restore()).rejects.toThrow('table marks, row "\\"half": its text is not JSON')
      await reader.close()
    }
    tamper(folder, 'DELETE FROM meta')
    for (const open of openers) await expect(open(folder)).rejects.toThrow('table meta, row "1"')
  })
})

describe('folders that cannot be used', () => {
  it('are named in the error', async () => {
    const file = newFolder()
    writeFileSync(file, '')
    await expect(openStateStore(file)).rejects.toMatchObject({
      code: 'disk',
      message: expect.stringContaining(`the data folder ${file} cannot be used`),
    })
    const other = newFolder()
    mkdirSync(join(other, 'state.db'), { recursive: true })
    await expect(openStateStore(other)).rejects.toMatchObject({ code: 'disk' })
  })
})
