import { Buffer } from 'node:buffer'
import { appendFileSync, mkdtempSync, readdirSync, renameSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@clickhouse/client'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Finding } from '../../../core/detector/finding.ts'
import type { AnalyticsBatch, AnalyticsTable, AnalyticsTables } from '../../../core/ports/analytics-store.ts'
import { ClickHouseStore } from '../../../storage/clickhouse/clickhouse-store.ts'
import { startEmbeddedClickHouse } from '../../../storage/clickhouse/embedded/embedded-clickhouse.ts'
import { batchRows } from '../../../storage/clickhouse/row-binary/batch-rows.ts'
import { RowBytes } from '../../../storage/clickhouse/row-binary/row-bytes.ts'
import { batchHeader, rowEncoder } from '../../../storage/clickhouse/row-encoder.ts'
import { KeptRows, keptFolder } from '../../../storage/spill/kept-rows.ts'
import { finding, insertRows, pane } from '../../../test/contracts/analytics-store-rows.ts'
import { type RefilledRows, refillKept } from './refill-kept.ts'

let folder: string
let kept: KeptRows
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'picket-kept-'))
  kept = new KeptRows(folder)
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Keeps the state of each id that was inserted last, as ClickHouse does, and a token once. */
class Store {
  readonly states = new Map<string, string>()
  readonly tokens: string[] = []
  /** Thrown after the insert was made. */
  failAfter: number | undefined

  async insert({ token, bytes }: AnalyticsBatch): Promise<void> {
    if (!this.tokens.includes(token))
      for (const row of batchRows(bytes).rows)
        this.states.set(row.id ?? row.bytes.toString('hex'), stateIn(row.bytes))
    this.tokens.push(token)
    if (this.tokens.length === this.failAfter) throw new Error('killed')
  }

  async storedIds({ ids }: { readonly ids: readonly string[] }) {
    return ids.filter((id) => this.states.has(id))
  }
}

function stateIn(row: Buffer): string {
  return /score-\d+/.exec(row.toString('latin1'))?.[0] ?? ''
}

let tokens = 0
async function refuse<T extends AnalyticsTable>(table: T, rows: readonly AnalyticsTables[T][]) {
  const encoder = rowEncoder(table, 's', 'live')
  const out = new RowBytes()
  for (const row of rows) encoder.write(out, row)
  const label = {
    table,
    token: `t${tokens++}`,
    space: 's',
    lane: 'live',
    rows: rows.length,
    parts: 1,
    ranges: [],
  }
  // The order of batches of one millisecond is known as well, but not that of two processes.
  await sleep(2)
  return kept.add(label, Buffer.concat([batchHeader(table), out.take()]))
}

const scored = (id: string, score: number) => finding({ id, evidence: { at: `score-${score}` } })

async function all(store?: Store): Promise<RefilledRows[]> {
  const found: RefilledRows[] = []
  for await (const one of refillKept({
    folder,
    signal: new AbortController().signal,
    ...(store && { store }),
  }))
    found.push(one)
  return found
}

const files = () => readdirSync(keptFolder(folder))

it('inserts what was refused, the newest state of each id, once, and forgets it', async () => {
  await refuse('findings', [scored('a', 1), scored('b', 1)])
  await refuse('findings', [scored('a', 2), scored('c', 2)])
  await refuse('panes', [pane(), pane({ start: 0 })])
  const store = new Store()
  // Stored after the others were refused.
  store.states.set('c', 'score-3')
  expect((await all()).map(({ outcome }) => outcome.kind)).toEqual(['available', 'available', 'available'])
  expect(await all(store)).toEqual([
    { table: 'panes', rows: 2, outcome: { kind: 'refilled', inserted: 2 } },
    { table: 'findings', rows: 2, outcome: { kind: 'refilled', inserted: 1 } },
    { table: 'findings', rows: 2, outcome: { kind: 'refilled', inserted: 1 } },
  ])
  expect(Object.fromEntries([...store.states].filter(([id]) => id.length === 1))).toEqual({
    a: 'score-2',
    b: 'score-1',
    c: 'score-3',
  })
  expect(store.states.size).toBe(5)
  expect(files()).toEqual([])
  expect(await all(store)).toEqual([])
})

it('broken off after any insert and begun again, it gives the same', async () => {
  for (const failAfter of [1, 2, 3]) {
    for (const score of [1, 2, 3]) await refuse('findings', [scored('a', score), scored(`b${score}`, score)])
    const store = new Store()
    store.failAfter = failAfter
    await expect(all(store)).rejects.toThrow('killed')
    store.failAfter = undefined
    await all(store)
    expect(Object.fromEntries(store.states)).toEqual({
      a: 'score-3',
      b1: 'score-1',
      b2: 'score-2',
      b3: 'score-3',
    })
    expect(files()).toEqual([])
  }
})

it('passes over a file that was cut off, and leaves one that another version wrote', async () => {
  await refuse('findings', [scored('a', 1)])
  await refuse('findings', [scored('b', 1)])
  const [first = '', second = ''] = files().sort()
  truncateSync(join(keptFolder(folder), first), 60)
  const foreign = join(keptFolder(folder), second)
  renameSync(foreign, `${foreign}.away`)
  appendFileSync(foreign, 'PKSPILL\u0009')
  const store = new Store()
  expect(await all(store)).toEqual([
    {
      table: undefined,
      rows: 0,
      outcome: { kind: 'gone', why: expect.stringContaining('version 9') as string },
    },
  ])
  expect(files().sort()).toEqual([second, `${second}.away`])
})

it('keeps no more than its bound', async () => {
  kept = new KeptRows(folder, { bytesMax: 3 * 4096 })
  const taken: boolean[] = []
  for (let index = 0; index < 5; index++) taken.push(await refuse('findings', [scored('a', index)]))
  expect(taken).toEqual([true, true, true, false, false])
  await all(new Store())
  expect(await refuse('findings', [scored('a', 9)])).toBe(true)
})

it.each([0, 3_600_000, -3_600_000])(
  'brings findings of a real engine to their newest state, by a clock %d ms off',
  async (offMs) => {
    const engine = await startEmbeddedClickHouse({ folder: join(folder, 'clickhouse') })
    const store = new ClickHouseStore({ url: engine.url, password: engine.token })
    const client = createClient({ url: engine.url, password: engine.token })
    const insert = (token: string, rows: readonly Finding[]) =>
      insertRows(store, 'findings', { space: 's', lane: 'live' }, { token, rows })
    const state = (id: string, state: Finding['state']) => finding({ id, state, lane: 'live' })
    try {
      await store.prepare()
      await insert('first', [state('old', 'provisional')])
      await sleep(1100)
      await client.command({ query: 'ALTER TABLE picket.findings RENAME COLUMN root TO root_away' })
      const rows = [state('old', 'final'), state('new', 'final'), state('newer', 'provisional')]
      await expect(insert('refused', rows)).rejects.toMatchObject({ problem: 'refused' })
      kept = new KeptRows(folder, { storeNow: () => store.now() })
      vi.spyOn(Date, 'now').mockReturnValue(Date.now() + offMs)
      expect(await refuse('findings', rows)).toBe(true)
      vi.restoreAllMocks()
      await client.command({ query: 'ALTER TABLE picket.findings RENAME COLUMN root_away TO root' })
      await sleep(1100)
      await insert('newer', [state('newer', 'final')])
      const refilled: RefilledRows[] = []
      for await (const one of refillKept({ folder, store, signal: new AbortController().signal }))
        refilled.push(one)
      expect(refilled).toEqual([{ table: 'findings', rows: 3, outcome: { kind: 'refilled', inserted: 2 } }])
      const query = "SELECT id, state FROM picket.findings FINAL WHERE space = 's' ORDER BY id"
      expect(await (await client.query({ query, format: 'JSONEachRow' })).json()).toEqual([
        { id: 'new', state: 'final' },
        { id: 'newer', state: 'final' },
        { id: 'old', state: 'final' },
      ])
    } finally {
      await client.close()
      await store.close()
      await engine.stop()
    }
  },
  60_000,
)
