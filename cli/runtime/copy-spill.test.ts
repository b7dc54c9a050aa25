import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { picketConfigSchema } from '../../config/picket-config.ts'
import type { AnalyticsBatch, AnalyticsStore } from '../../core/ports/analytics-store.ts'
import { AnalyticsError, type AnalyticsProblem } from '../../storage/clickhouse/analytics-error.ts'
import { deduplicationWindow } from '../../storage/clickhouse/schema/migrations.ts'
import { DiskQueue } from '../../storage/spill/disk-queue.ts'
import { KeptRows, keptBatches, keptFolder, readKept } from '../../storage/spill/kept-rows.ts'
import { SkippedLog } from '../../storage/spill/skipped-log.ts'
import { readSkipped } from '../../storage/spill/skipped-range.ts'
import type { Located, PartitionLane } from '../pipeline/partition-lane.ts'
import { at, finding } from '../testing/state-records.ts'
import { Copier } from './copier.ts'
import { CopySpill, type CopySpillOptions, spillPartsMax } from './copy-spill.ts'
import { openCopier } from './open-copier.ts'

let dataDir: string
let folder: string
let reports: string[]
const copiers: Copier[] = []
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'picket-copies-'))
  folder = join(dataDir, 'spill')
  reports = []
})
afterEach(async () => {
  for (const copier of copiers.splice(0)) await copier.flush(0)
  rmSync(dataDir, { recursive: true })
})

const report = (text: string) => void reports.push(text)

/** A store that can be away, and keeps what it takes by token, as ClickHouse does. */
function memoryStore() {
  const kept = new Map<string, AnalyticsBatch>()
  const order: string[] = []
  const state: { problem: AnalyticsProblem | undefined } = { problem: undefined }
  const store: Pick<AnalyticsStore, 'prepare' | 'insert'> = {
    async prepare() {},
    async insert(batch) {
      if (state.problem) throw new AnalyticsError(state.problem, `${state.problem}, says the store`)
      if (!kept.has(batch.token)) order.push(batch.token)
      kept.set(batch.token, batch)
    },
  }
  /** First offsets of the batches of events, in the order in which they came. */
  const firsts = () =>
    order.flatMap((token) => {
      const [table, , , range] = JSON.parse(token) as [string, string, string, unknown[]]
      return table === 'events' ? [range[2]] : []
    })
  return { store, state, kept, firsts }
}

async function open(
  store: Pick<AnalyticsStore, 'prepare' | 'insert'>,
  change: Partial<CopySpillOptions> = {},
  bounds = {},
) {
  const { queue, waiting } = await DiskQueue.open(folder)
  const skipped = await SkippedLog.open(folder)
  const spill = new CopySpill({
    disk: queue,
    skipped,
    kept: new KeptRows(folder),
    found: waiting,
    bytesMax: 1e9,
    report,
    ...change,
  })
  const copier = new Copier({
    store,
    space: 'default',
    lane: 'live',
    report,
    spill,
    bounds: { batchMs: 60_000, batchRows: 5, memoryBatches: 2, ...bounds },
  })
  copiers.push(copier)
  return { copier, spill, queue }
}

const lane = { source: 'gateway', partition: 't:0' } as PartitionLane

function copy(copier: Copier, from: number, count: number, eventTime = at): void {
  const items: Located[] = Array.from({ length: count }, (_, index) => ({
    time: eventTime,
    offset: from + index,
    event: { time: eventTime, path: `/${from + index}` },
    lane,
  }))
  copier.events(items)
  copier.captured()
  copier.committed([])
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never came true: ${condition}`)
    await sleep(5)
  }
}

const files = () => readdirSync(folder).filter((name) => name.endsWith('.spill'))
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index * 5)

async function skippedRanges() {
  const ranges: (readonly [number, number, string])[] = []
  for await (const { first, last, reason } of readSkipped(join(folder, 'skipped.ndjson'))) {
    ranges.push([first, last, reason])
  }
  return ranges
}

describe('copies on disk', () => {
  it('wait there while the store is away, in order, and are sent when it is back, with nothing left', async () => {
    const { store, state, firsts } = memoryStore()
    state.problem = 'unreachable'
    const { copier, spill } = await open(store)
    for (const from of upTo(40)) copy(copier, from, 5)
    expect(spill.isOn).toBe(true)
    await until(() => files().length === 1)
    state.problem = undefined
    await until(() => firsts().length === 40 && files().length === 0)
    expect(firsts()).toEqual(upTo(40))
    expect(spill.isOn).toBe(false)
    copy(copier, 200, 5)
    await until(() => firsts().length === 41)
    expect(files()).toEqual([])
    expect(copier.dropped.size).toBe(0)
  })

  it('are none while the store takes them, and all that wait when it is slow', async () => {
    let release = () => {}
    const stuck = new Promise<void>((resolve) => {
      release = resolve
    })
    const { store, firsts } = memoryStore()
    let calls = 0
    const slow: typeof store = {
      prepare: () => store.prepare(),
      async insert(batch) {
        if (++calls === 2) await stuck
        await store.insert(batch)
      },
    }
    const { copier, spill } = await open(slow)
    copy(copier, 0, 5)
    await until(() => firsts().length === 1 && !spill.isOn)
    for (const from of [5, 10]) copy(copier, from, 5)
    expect(spill.isOn).toBe(false)
    copy(copier, 15, 5)
    expect(spill.isOn).toBe(true)
    await until(() => spill.isWritten)
    expect(files()).toHaveLength(1)
    release()
    await until(() => firsts().length === 4 && files().length === 0)
    expect(firsts()).toEqual(upTo(4))
  })

  it('are found by the next process after a kill, and sent before what it takes itself', async () => {
    const first = memoryStore()
    first.state.problem = 'busy'
    const killed = await open(first.store)
    for (const from of upTo(10)) copy(killed.copier, from, 5)
    await until(() => killed.spill.isWritten)
    // The next process opens the folder while nobody has closed it.
    const second = memoryStore()
    const { copier } = await open(second.store)
    for (const from of [50, 55]) copy(copier, from, 5)
    await until(() => second.firsts().length === 12)
    expect(second.firsts()).toEqual(upTo(12))
    expect([...second.kept.keys()].every((token) => token.startsWith('["events","default","live",['))).toBe(
      true,
    )
  })

  it('are sent again under the same token when the acknowledgement was lost', async () => {
    const { store, kept, firsts } = memoryStore()
    const tokens: string[] = []
    let acknowledges = false
    const forgetful: typeof store = {
      prepare: () => store.prepare(),
      async insert(batch) {
        tokens.push(batch.token)
        await store.insert(batch)
        if (!acknowledges) throw new AnalyticsError('unreachable', 'the line broke')
      },
    }
    const killed = await open(forgetful)
    for (const from of upTo(6)) copy(killed.copier, from, 5)
    await until(() => tokens.length > 0 && killed.spill.isWritten)
    acknowledges = true
    await open(forgetful)
    await until(() => firsts().length === 6)
    expect(tokens.filter((token) => token === tokens[0]).length).toBeGreaterThan(1)
    expect(kept.size).toBe(6)
    expect(firsts()).toEqual(upTo(6))
  })

  it('are bounded: what does not fit is skipped and recorded, findings are kept, and it is said once', async () => {
    const { store, state, firsts, kept } = memoryStore()
    state.problem = 'unreachable'
    const { copier, spill, queue } = await open(store, { bytesMax: 100_000 })
    for (let from = 0; from < 2500; from += 5) copy(copier, from, 5)
    await until(() => spill.isWritten)
    expect(queue.bytes).toBeLessThanOrEqual(100_000)
    const skipped = copier.dropped.get('events') ?? 0
    expect(skipped).toBeGreaterThan(0)
    copier.found({ findings: [finding()], runs: [] })
    expect(reports.filter((text) => text.includes('is full'))).toEqual([
      expect.stringMatching(/raise clickhouse\.spill_max; detection goes on.*recorded in .*skipped\.ndjson/),
    ])
    state.problem = undefined
    await until(() => firsts().length === (2500 - skipped) / 5)
    await copier.flush()
    const recorded = (await skippedRanges()).flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    )
    const sent = firsts().flatMap((first) => [0, 1, 2, 3, 4].map((index) => Number(first) + index))
    expect([...sent, ...recorded].sort((a, b) => a - b)).toEqual(Array.from({ length: 2500 }, (_, n) => n))
    expect(copier.dropped.get('findings')).toBeUndefined()
    expect([...kept.values()].filter(({ table }) => table === 'findings')).toHaveLength(1)
    expect(reports.some((text) => text.includes(`up to date again; ${skipped} rows of events skipped`))).toBe(
      true,
    )
  })

  it('never touch more partitions than a table remembers tokens of', async () => {
    expect(spillPartsMax).toBeLessThan(deduplicationWindow)
    const { store, state } = memoryStore()
    state.problem = 'unreachable'
    const { copier } = await open(store, { partsMax: 40 }, { batchRows: 1 })
    for (let day = 0; day < 100; day++) copy(copier, day, 1, at + day * 86_400_000)
    expect(copier.dropped.get('events')).toBe(100 - 36)
  })

  it('stay in memory while the disk takes nothing, and go on when it does', async () => {
    const { store, state, firsts } = memoryStore()
    state.problem = 'unreachable'
    const { copier, spill } = await open(store, { retryMs: 100 }, { memoryBytes: 40_000 })
    // The names of the next files are taken: they cannot be made.
    for (const name of ['0000000001.spill', '0000000002.spill']) mkdirSync(join(folder, name))
    for (let from = 0; from < 500; from += 5) copy(copier, from, 5)
    await until(() => spill.isBroken)
    copy(copier, 500, 5)
    expect(reports).toContainEqual(expect.stringContaining('cannot be written to disk: Error: EEXIST'))
    const skipped = copier.dropped.get('events') ?? 0
    expect(skipped).toBeGreaterThan(0)
    await until(() => spill.isWritten)
    state.problem = undefined
    await until(() => firsts().length === (505 - skipped) / 5)
    await copier.flush()
    const recorded = await skippedRanges()
    expect(recorded.reduce((sum, [first, last]) => sum + last - first + 1, 0)).toBe(skipped)
    expect(recorded.at(-1)).toEqual([500, 504, 'unwritable'])
  })

  it('are skipped and recorded when the disk gives back other bytes', async () => {
    const first = memoryStore()
    first.state.problem = 'unreachable'
    const killed = await open(first.store)
    for (const from of upTo(4)) copy(killed.copier, from, 5)
    await until(() => killed.spill.isWritten)
    const path = join(folder, files()[0] ?? '')
    const bytes = readFileSync(path)
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
    writeFileSync(path, bytes)
    const second = memoryStore()
    const { copier } = await open(second.store)
    await until(() => second.firsts().length === 3 && copier.dropped.get('events') === 5)
    await copier.flush()
    expect(await skippedRanges()).toEqual([[15, 19, 'damaged']])
  })

  it('keep what is unsent at the stop, and the next start says so', async () => {
    const { store, state } = memoryStore()
    state.problem = 'unreachable'
    const config = { ...picketConfigSchema.parse({}), data_dir: dataDir }
    const analytics = { ...store, measureBuckets: async () => [], close: async () => {} }
    const first = await openCopier(config, 'live', analytics, report)
    copy(first, 0, 7)
    await first.flush(10)
    expect(reports.at(-1)).toBe('7 rows of copies wait on disk for the next start')
    state.problem = undefined
    const second = await openCopier(config, 'live', analytics, report)
    await second.flush()
    expect(reports.at(-1)).toBe('1 batches of copies wait on disk since the last run')
    expect(files()).toEqual([])
  })

  it('do without a disk that cannot be used, and say so', async () => {
    writeFileSync(join(dataDir, 'spill'), '')
    const { store, firsts } = memoryStore()
    const config = { ...picketConfigSchema.parse({}), data_dir: dataDir }
    const analytics = { ...store, measureBuckets: async () => [], close: async () => {} }
    const copier = await openCopier(config, 'live', analytics, report)
    copy(copier, 0, 5)
    await copier.flush()
    expect(firsts()).toEqual([0])
    expect(reports).toEqual([
      expect.stringMatching(/spill cannot be opened: .*EEXIST.*make the folder writable/),
    ])
  })
})

it('rows that no source has are kept when they are refused, and said to be', async () => {
  const { store, state } = memoryStore()
  state.problem = 'refused'
  const { copier } = await open(store)
  copier.found({ findings: [finding({ id: 'f1' })], runs: [] })
  copy(copier, 0, 5)
  await copier.flush(2000)
  const [kept, ...others] = await keptBatches(keptFolder(folder))
  expect(others).toEqual([])
  expect((await readKept(kept as never))?.label).toMatchObject({ table: 'findings', rows: 1 })
  expect(reports).toContainEqual(expect.stringMatching(/rows of findings are kept in .*picket refill/))
  expect((await SkippedLog.open(folder)).rows).toBe(5)
})
