import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configFromText } from '../../../config/load-config.ts'
import { eventFieldNames } from '../../../core/event/event-fields.ts'
import type { AnalyticsBatch } from '../../../core/ports/analytics-store.ts'
import { openFormat } from '../../../ingest/formats/format-options.ts'
import { FileSource } from '../../../ingest/sources/files/file-source.ts'
import { AnalyticsError } from '../../../storage/clickhouse/analytics-error.ts'
import { outstanding } from '../../../storage/spill/refilled-log.ts'
import { SkippedLog } from '../../../storage/spill/skipped-log.ts'
import type { SkippedRange } from '../../../storage/spill/skipped-range.ts'
import { PartitionLane } from '../../pipeline/partition-lane.ts'
import { openCopier } from '../open-copier.ts'
import { configContext } from '../shipped.ts'
import { missingRanges } from './missing-ranges.ts'
import { type RefilledRange, type RefillOptions, refill } from './refill.ts'
import { lockRefill } from './refill-lock.ts'

let folder: string
let log: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'picket-refill-'))
  log = join(folder, 'a.ndjson')
  mkdirSync(join(folder, 'spill'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const midnight = Date.UTC(2026, 0, 6)
const line = (number: number) =>
  `${JSON.stringify({ time: midnight - 300_000 + number * 100, path: `/orders/${String(number).padStart(6, '0')}`, status: 200 })}\n`
const lineBytes = line(0).length
const at = (number: number) => number * lineBytes

/** Keeps rows by offset as ClickHouse would: a token that was seen adds nothing. */
class Store {
  readonly rows: number[] = []
  readonly tokens = new Set<string>()
  inserts = 0
  /** Does something in the place of an insert. */
  instead: ((batch: AnalyticsBatch, insert: () => void) => void) | undefined

  async insert(batch: AnalyticsBatch): Promise<void> {
    this.inserts++
    const insert = () => {
      if (this.tokens.has(batch.token)) return
      this.tokens.add(batch.token)
      const text = Buffer.from(batch.bytes).toString('latin1')
      for (const [, number] of text.matchAll(/\/orders\/(\d{6})/g)) this.rows.push(at(Number(number)))
    }
    if (this.instead) this.instead(batch, insert)
    else insert()
  }

  async eventOffsets({ first, last }: { readonly first: number; readonly last: number }) {
    return this.rows.filter((offset) => offset >= first && offset <= last)
  }
}

function options(store?: Store, more: Partial<RefillOptions> = {}): RefillOptions {
  const text = `sources: [{ type: file, name: edge, paths: [a.ndjson] }]\n`
  const loaded = configFromText('picket.yaml', text, folder, configContext())
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return {
    loaded,
    recording: { positions: new Map(), marks: new Map(), control: [] },
    folder: join(folder, 'spill'),
    isRunning: false,
    signal: new AbortController().signal,
    ...(store && { store }),
    ...more,
  }
}

async function skip(first: number, last: number, rows = last - first + 1, more: Partial<SkippedRange> = {}) {
  const skipped = await SkippedLog.open(join(folder, 'spill'))
  const range = { source: 'edge', partition: log, first: at(first), last: at(last), rows, ...more }
  skipped.add({ table: 'events', space: 'default', lane: 'live', ranges: [range] }, 'full')
  await skipped.flush()
}

async function all(given: RefillOptions): Promise<RefilledRange['outcome'][]> {
  const outcomes: RefilledRange['outcome'][] = []
  for await (const { outcome } of refill(given)) outcomes.push(outcome)
  return outcomes
}

function fill(count: number): void {
  writeFileSync(log, Array.from({ length: count }, (_, number) => line(number)).join(''))
}

const offsets = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => at(first + index))
const inOrder = (rows: readonly number[]) => [...rows].sort((left, right) => left - right)

describe('a refill', () => {
  it('inserts what is missing, once, in pieces of one day, and remembers that it did', async () => {
    fill(40_000)
    await skip(100, 29_999)
    const store = new Store()
    // Some of them are there, whoever copied them.
    store.rows.push(...offsets(200, 299))
    expect(await all(options())).toEqual([{ kind: 'available', found: 29_900 }])
    expect(await all(options(store))).toEqual([{ kind: 'refilled', found: 29_900, inserted: 29_800 }])
    expect(inOrder(store.rows)).toEqual(offsets(100, 29_999))
    expect(store.inserts).toBeGreaterThan(2)
    expect(await all(options(store))).toEqual([])
    expect((await SkippedLog.open(join(folder, 'spill'))).rows).toBe(0)
  })

  it('broken off at any insert, its answer lost or it never made, and begun again, adds each row once', async () => {
    fill(24_000)
    for (const isMade of [true, false]) {
      rmSync(join(folder, 'spill'), { recursive: true })
      mkdirSync(join(folder, 'spill'))
      await skip(0, 23_999)
      const store = new Store()
      for (const broken of [1, 1]) {
        let count = 0
        store.instead = (_batch, insert) => {
          if (++count < broken || isMade) insert()
          if (count === broken) throw new Error('killed')
        }
        await expect(all(options(store))).rejects.toThrow('killed')
      }
      store.instead = undefined
      expect(await all(options(store))).toMatchObject([{ kind: 'refilled', found: 24_000 }])
      expect(inOrder(store.rows)).toEqual(offsets(0, 23_999))
    }
  })

  it('an insert that lands after it was looked for has the same token as the one that is made again', async () => {
    fill(2000)
    await skip(0, 1999)
    const store = new Store()
    let late = () => {}
    store.instead = (_batch, insert) => {
      late = insert
      throw new Error('killed')
    }
    await expect(all(options(store))).rejects.toThrow('killed')
    store.instead = undefined
    await all(options(store))
    late()
    expect(inOrder(store.rows)).toEqual(offsets(0, 1999))
  })

  it('fetches ranges that meet as one, and one that was told twice once', async () => {
    fill(3000)
    await skip(0, 999)
    await skip(500, 1999, 500)
    await skip(0, 999)
    await skip(2500, 2600)
    const store = new Store()
    expect(await all(options(store))).toMatchObject([{ found: 2000 }, { found: 101 }])
    expect(inOrder(store.rows)).toEqual([...offsets(0, 1999), ...offsets(2500, 2600)])
  })

  it('leaves out what was refused then, and takes what was not', async () => {
    fill(1000)
    await skip(0, 999, 990)
    const store = new Store()
    const range = { kind: 'refused-range', at: 0, partition: `edge\u0000${log}` } as const
    const control = [
      { ...range, from: at(10), to: at(20) },
      { ...range, from: at(500), to: at(501), received: midnight },
    ]
    const recording = {
      positions: new Map(),
      marks: new Map([[`format:edge\u0000${log}`, 'canonical']]),
      control,
    }
    expect(await all(options(store, { recording }))).toMatchObject([{ found: 990 }])
    expect(inOrder(store.rows)).toEqual([...offsets(0, 9), ...offsets(20, 999)])
  })

  it('says what is gone or must wait, and goes on with the others', async () => {
    fill(1000)
    await skip(0, 99)
    await skip(900, 1100)
    await skip(200, 299, 100, { partition: join(folder, 'b.ndjson') })
    await skip(300, 399, 100, { source: 'other' })
    await skip(400, 499, 105)
    const store = new Store()
    const outcomes = await all(options(store))
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['gone', 'gone', 'gone', 'gone', 'refilled'])
    const why = outcomes.map((outcome) => ('why' in outcome ? outcome.why : '')).join('\n')
    expect(why).toContain('a.ndjson ends before offset')
    expect(why).toContain('b.ndjson: there is no such file')
    expect(why).toContain('source other is not configured any more')
    expect(why).toContain('only 100 of 105 events are there now')
    expect(await outstanding(join(folder, 'spill'))).toHaveLength(4)
  })

  it('waits with a rough range while picket run may hold rows of it', async () => {
    fill(1000)
    const rough = { table: 'events', space: 'default', lane: 'live', source: 'edge', partition: log }
    const text = JSON.stringify({
      ...rough,
      first: 0,
      last: at(999),
      rows: 10,
      reason: 'unwritable',
      coarse: true,
    })
    appendFileSync(
      join(folder, 'spill', 'skipped.ndjson'),
      `${text}\n{"table":"events","first":-1}\n${text.slice(0, 90)}`,
    )
    const store = new Store()
    expect(await all(options(store, { isRunning: true }))).toMatchObject([{ kind: 'waits' }])
    expect(await all(options(store))).toMatchObject([{ kind: 'refilled', inserted: 1000 }])
  })
})

it('adds what a copier had no room for, and only that', async () => {
  fill(60_000)
  const spill = join(folder, 'spill')
  const store = new Store()
  let isAway = true
  const analytics = {
    prepare: async () => {},
    insert: async (batch: AnalyticsBatch) => {
      if (isAway) throw new AnalyticsError('unreachable', 'away')
      await store.insert(batch)
    },
    measureBuckets: async () => [],
    close: async () => {},
  }
  const given = options(store)
  const config = { ...given.loaded.config, data_dir: folder }
  // No room for all, neither in memory nor on disk.
  const limits = { ...config.clickhouse, spill_max: 60_000 }
  const bounds = { batchRows: 500, memoryBytes: 600_000, batchMs: 10 }
  const copier = await openCopier({ ...config, clickhouse: limits }, 'live', analytics, () => {}, bounds)
  const lane = new PartitionLane({
    source: 'edge',
    partition: log,
    latenessMs: 0,
    open: () => openFormat('canonical', {}, new Set(eventFieldNames)),
    pseudonymise: (text) => text,
    pseudonymisePrincipals: false,
    trustsMarks: () => false,
    clock: { now: () => midnight + 86_400_000 },
  })
  let batches = 0
  for await (const batch of new FileSource({ id: 'edge', paths: [log] }).read(new Map(), given.signal)) {
    if (batch.kind !== 'records') continue
    copier.events(lane.take(batch.records, batch.next))
    copier.captured()
    copier.committed([])
    if (++batches === 8) isAway = false
    await sleep(20)
  }
  await copier.flush()
  const missing = (await outstanding(spill)).reduce((sum, { rows }) => sum + rows, 0)
  expect(missing).toBeGreaterThan(1000)
  // Beside what waits on disk, which is sent by the next start.
  for (const outcome of await all(given)) expect(outcome).toMatchObject({ kind: 'refilled' })
  const next = await openCopier({ ...config, clickhouse: limits }, 'live', analytics, () => {}, bounds)
  await next.flush(20_000)
  expect(inOrder(store.rows)).toEqual(offsets(0, 59_999))
})

it('one refill at a time may work in a data folder', () => {
  const lock = lockRefill(join(folder, 'spill'))
  expect(() => lockRefill(join(folder, 'spill'))).toThrow('another picket refill is at work')
  lock.release()
  lockRefill(join(folder, 'spill')).release()
})

it('joins ranges of one partition only', () => {
  const range = (partition: string, first: number, last: number): SkippedRange => ({
    table: 'events',
    space: 's',
    lane: 'live',
    source: 'k',
    partition,
    first,
    last,
    rows: 1,
    reason: 'full',
  })
  const joined = missingRanges([range('b', 0, 5), range('a', 4, 9), range('a', 0, 4), range('a', 10, 12)])
  expect(joined.map(({ partition, first, last, rows }) => [partition, first, last, rows])).toEqual([
    ['a', 0, 9, 2],
    ['a', 10, 12, 1],
    ['b', 0, 5, 1],
  ])
})
