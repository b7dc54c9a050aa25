import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Copier } from '../../cli/runtime/copier.ts'
import { openCopier } from '../../cli/runtime/open-copier.ts'
import { picketConfigSchema } from '../../config/picket-config.ts'
import type { AnalyticsBatch, AnalyticsStore } from '../../core/ports/analytics-store.ts'
import { AnalyticsError } from '../../storage/clickhouse/analytics-error.ts'
import { ClickHouseStore } from '../../storage/clickhouse/clickhouse-store.ts'
import {
  type EmbeddedClickHouse,
  startEmbeddedClickHouse,
} from '../../storage/clickhouse/embedded/embedded-clickhouse.ts'
import { copyRows } from './copy-rows.ts'

const root = join(import.meta.dirname, '..', '..')
const scratch = mkdtempSync(join(tmpdir(), 'picket-outage-'))
const children: ChildProcess[] = []
let engine: EmbeddedClickHouse
let client: ReturnType<typeof createClient>

// One for each test: an engine that was killed often takes longer and longer to come back.
beforeEach(async () => {
  engine = await startEmbeddedClickHouse({ folder: join(scratch, 'clickhouse') })
  client = createClient({ url: engine.url, password: engine.token, log: { level: ClickHouseLogLevel.OFF } })
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await client?.close()
  await engine?.stop()
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`never came true: ${condition}`)
    await sleep(20)
  }
}

/** kill -9 of the engine that is running now; it is started again by itself. */
function killEngine(): void {
  const pid = engine.pid()
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
}

/** A copier on the engine; `insert` may stand between the two. */
async function openWith(
  name: string,
  insert?: (batch: AnalyticsBatch, store: AnalyticsStore) => Promise<void>,
) {
  const real = new ClickHouseStore({
    url: engine.url,
    password: engine.token,
    database: name,
    patienceMs: 100,
  })
  await real.prepare()
  const store: AnalyticsStore = {
    prepare: () => real.prepare(),
    insert: (batch) => (insert ? insert(batch, real) : real.insert(batch)),
    measureBuckets: (query) => real.measureBuckets(query),
    close: () => real.close(),
  }
  const dataDir = join(scratch, name)
  const config = { ...picketConfigSchema.parse({}), data_dir: dataDir }
  const reports: string[] = []
  const bounds = { batchRows: 200, memoryBatches: 2 }
  const copier = await openCopier(config, 'live', store, (text) => reports.push(text), bounds)
  const spilled = () => readdirSync(join(dataDir, 'spill')).filter((file) => file.endsWith('.spill'))
  return { copier, reports, spilled, real }
}

/** How many events there are, how many positions, and the greatest. */
async function stored(database: string) {
  const query = `SELECT toUInt32(count()) AS rows, toUInt32(uniqExact(source, partition, offset)) AS positions,
    toUInt32(max(offset)) AS last FROM ${database}.events`
  const [row] = await (await client.query({ query, format: 'JSONEachRow' })).json<Record<string, number>>()
  return row
}

async function drained(copier: Copier, spilled: () => string[]): Promise<void> {
  await until(() => spilled().length === 0 && copier.memoryBytes === 0)
  await copier.flush()
}

describe('copies while the engine is killed', () => {
  it('wait on disk while rows flow on, and every row is there once', async () => {
    const { copier, reports, spilled, real } = await openWith('flowing')
    let taken = 0
    let kills = 0
    let mostOnDisk = 0
    while (kills < 3 || taken < 15_000) {
      copyRows(copier, taken, 200)
      taken += 200
      if (taken % 3000 === 0 && engine.pid() !== undefined) {
        killEngine()
        kills++
      }
      mostOnDisk = Math.max(mostOnDisk, spilled().length)
      await sleep(5)
    }
    await drained(copier, spilled)
    expect(mostOnDisk).toBeGreaterThan(0)
    expect(await stored('flowing')).toEqual({ rows: taken, positions: taken, last: taken - 1 })
    expect(copier.dropped.size).toBe(0)
    expect(reports.some((text) => text.startsWith('copies for analysis wait on disk:'))).toBe(true)
    await real.close()
  }, 120_000)

  it('are there once when the engine dies between the insert and its acknowledgement, or during it', async () => {
    const tokens: string[] = []
    const { copier, spilled, real } = await openWith('unacknowledged', async (batch, store) => {
      tokens.push(batch.token)
      const number = tokens.length
      const inserted = store.insert(batch)
      if (number === 2) killEngine()
      await inserted
      if (number !== 6) return
      killEngine()
      throw new AnalyticsError('unreachable', 'it died before it could say that it was done')
    })
    for (let from = 0; from < 2000; from += 200) copyRows(copier, from, 200)
    await drained(copier, spilled)
    expect(await stored('unacknowledged')).toEqual({ rows: 2000, positions: 2000, last: 1999 })
    expect(tokens.length).toBeGreaterThan(new Set(tokens).size)
    await real.close()
  }, 120_000)
})

it('after kill -9 of the process that copies, what was on disk is sent, each row once', async () => {
  const dataDir = join(scratch, 'killed')
  const script = join(import.meta.dirname, 'copies-writer.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  const taken = () => Number(printed.split('\n').at(-2) ?? 0)
  await until(() => taken() >= 5000)
  child.kill('SIGKILL')
  await once(child, 'close')
  const onDisk = taken()
  const { copier, reports, spilled, real } = await openWith('killed')
  await drained(copier, spilled)
  const found = await stored('killed')
  expect(found?.rows).toBeGreaterThanOrEqual(onDisk - 50)
  // From the first on, without a gap and without a repetition.
  expect(found).toEqual({ rows: found?.rows, positions: found?.rows, last: (found?.rows ?? 0) - 1 })
  const [waiting, ...torn] = reports
  expect(waiting).toMatch(/^\d+ batches of copies wait on disk/)
  // The kill may tear the one batch that is being written, which is then told as missing.
  expect(torn.length).toBeLessThanOrEqual(1)
  for (const report of torn) expect(report).toMatch(/^50 events are missing/)
  await real.close()
}, 120_000)
