import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runPicket } from '../../cli/testing/run-picket.ts'
import {
  type EmbeddedClickHouse,
  startEmbeddedClickHouse,
} from '../../storage/clickhouse/embedded/embedded-clickhouse.ts'
import { SkippedLog } from '../../storage/spill/skipped-log.ts'
import { picket, startPicket } from './picket-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-refill-'))
const [config, log] = [join(folder, 'picket.yaml'), join(folder, 'access.ndjson')]
const count = 60_000
const start = Date.UTC(2026, 2, 2, 23, 30)
let engine: EmbeddedClickHouse
let client: ReturnType<typeof createClient>

const line = (number: number) =>
  JSON.stringify({ time: start + number * 60, path: `/orders/${1_000_000 + number}`, status: 200 })

beforeAll(async () => {
  engine = await startEmbeddedClickHouse({ folder: join(folder, 'clickhouse') })
  client = createClient({ url: engine.url, password: engine.token, log: { level: ClickHouseLogLevel.OFF } })
})
afterAll(async () => {
  await client?.close()
  await engine?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function stored(): Promise<{ readonly rows: number; readonly positions: number }> {
  const query =
    'SELECT toUInt32(count()) AS rows, toUInt32(uniqExact(offset)) AS positions FROM picket.events'
  const result = await client.query({ query, format: 'JSONEachRow' }).catch(() => undefined)
  const [row] = (await result?.json<{ rows: number; positions: number }>()) ?? []
  return row ?? { rows: 0, positions: 0 }
}

it('fetches what is missing after the log was rotated away, killed in the middle, with each row once', async () => {
  writeFileSync(log, Array.from({ length: count }, (_, number) => `${line(number)}\n`).join(''))
  const base = 'data_dir: ./state\nsources: [{ type: file, name: edge, paths: [./access.ndjson] }]\n'
  writeFileSync(config, `${base}clickhouse: { embedded: false }\n`)
  expect(await picket(['run', '--config', config])).toMatchObject({ code: 0 })
  const spill = join(folder, 'state', 'spill')
  mkdirSync(spill)
  const skipped = await SkippedLog.open(spill)
  const bytes = line(0).length + 1
  const range = { source: 'edge', partition: log, first: 0, last: (count - 1) * bytes, rows: count }
  skipped.add({ table: 'events', space: 'default', lane: 'live', ranges: [range] }, 'full')
  await skipped.flush()
  writeFileSync(config, `${base}clickhouse: { url: '${engine.url}', password: env:PICKET_TEST_TOKEN }\n`)
  process.env.PICKET_TEST_TOKEN = engine.token
  const refill = (...more: string[]) => runPicket('refill', '--config', config, ...more)

  renameSync(log, `${log}.1`)
  expect((await refill('--dry-run', '--json')).out).toContain('"outcome":"available"')
  expect(await stored()).toEqual({ rows: 0, positions: 0 })
  const first = startPicket(['refill', '--config', config])
  while ((await stored()).rows === 0 && first.child.exitCode === null) await sleep(5)
  first.child.kill('SIGKILL')
  await first.ended

  renameSync(`${log}.1`, join(folder, 'elsewhere'))
  const gone = await refill('--json')
  expect(gone).toMatchObject({ code: 4 })
  expect(gone.out).toContain('put the rotated file back beside it')
  renameSync(join(folder, 'elsewhere'), `${log}.1`)

  expect(await refill()).toMatchObject({
    code: 0,
    out: expect.stringContaining(`of ${count} events`),
  })
  expect(await stored()).toEqual({ rows: count, positions: count })
  expect((await refill()).out).toBe('nothing is missing from the copies\n')
}, 180_000)
