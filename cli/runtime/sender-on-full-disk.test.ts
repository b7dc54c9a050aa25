import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it, vi } from 'vitest'
import { loadConfig } from '../../config/load-config.ts'
import { Engine } from '../../core/engine/engine.ts'
import { Watermarks } from '../../core/engine/watermarks.ts'
import { partitionKey } from '../../core/event/position.ts'
import { keyedHash } from '../../core/hash/keyed-hash.ts'
import type { Executor } from '../../core/response/executor.ts'
import { fixedPublicKey } from '../../ingest/privacy/pseudonym.ts'
import { HttpSource } from '../../ingest/sources/http/http-source.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import { openOnFullDisk } from '../testing/full-disk.ts'
import { laneOpener } from './lanes.ts'
import { readSources } from './live-loops.ts'
import { configContext } from './shipped.ts'
import { WaitingStore } from './waiting-store.ts'

/** Only what the pipeline uses of it. */
const executor = {
  accept: async (_findings: unknown, commit: (runs: readonly never[]) => Promise<void>) => {
    await commit([])
    return []
  },
} as unknown as Executor

it('a sender is not answered with success before there was room, and is judged once after it', async () => {
  const loaded = loadConfig(undefined, configContext())
  if (!loaded.ok) throw new Error('the built-in configuration is wrong')
  const folder = mkdtempSync(join(tmpdir(), 'picket-sender-'))
  const disk = await openOnFullDisk(folder)
  const stop = new AbortController()
  let makeRoom = () => {}
  const room = new Promise<void>((resolve) => {
    makeRoom = resolve
  })
  const log = pino({ level: 'silent' })
  const store = new WaitingStore(disk.store, { log, signal: stop.signal, sleep: () => room })
  const detection = { space: 'default', lane: 'live', manifest: 'm', detectors: [] } as const
  const engine = new Engine({ ...detection, hash: keyedHash(1, 2) })
  const pipeline = new Pipeline({ engine, watermarks: new Watermarks(), store, executor })
  const source = new HttpSource({
    id: 'http',
    host: '127.0.0.1',
    port: 0,
    token: undefined,
    storedMsMax: 2000,
    lacksRoom: () => store.lacksRoom,
  })
  const restored = await store.restore()
  const traits = {
    source: 'http',
    latenessMs: 0,
    formatOf: () => 'canonical' as const,
    vantageOf: () => undefined,
    trustsMarksOf: () => false,
  }
  const reading = readSources([{ source, traits, endless: true }], {
    pipeline,
    open: laneOpener({
      config: loaded.config,
      key: fixedPublicKey,
      restored,
      wanted: new Set(),
      clock: { now: () => Date.now() },
    }),
    from: restored.positions,
    signal: stop.signal,
    room: () => store.room(),
    opened: () => {},
  })
  await vi.waitFor(() => expect(source.port).toBeGreaterThan(0), { timeout: 20_000 })
  // Dead letters that need more pages than the file has.
  const refused = Array.from({ length: 50 }, () => 'x'.repeat(4000))
  const send = (key: string) =>
    fetch(`http://127.0.0.1:${source.port}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify([{ time: Date.parse('2026-03-10T12:00:00Z') }, ...refused]),
    })

  const first = await send('one')
  expect([first.status, first.headers.get('retry-after')]).toEqual([504, '30'])
  // Neither is taken a second time, nor told that nothing was taken.
  expect((await send('one')).status).toBe(504)
  expect((await send('two')).status).toBe(503)
  expect((await store.restore()).positions.size).toBe(0)

  disk.free()
  makeRoom()
  await vi.waitFor(() => expect(store.lacksRoom).toBe(false), { timeout: 20_000 })
  const again = await send('one')
  expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true'])
  expect(await again.json()).toEqual({ accepted: 1, refused: 50 })
  expect((await send('two')).status).toBe(200)
  const { positions } = await store.restore()
  expect(positions.get(partitionKey('http', 'events'))).toBe(102)
  expect(pipeline.tally).toMatchObject({ events: 2, refusedTotal: 100 })

  stop.abort()
  await reading
  await source.close()
  await disk.store.close()
  rmSync(folder, { recursive: true })
}, 120_000)
