import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createSimulatedHttpClient } from '../../actions/http/simulated-http-client.ts'
import { loadConfig } from '../../config/load-config.ts'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import { fileLatenessMs, Watermarks } from '../../core/engine/watermarks.ts'
import { fixedPublicKey } from '../../ingest/privacy/pseudonym.ts'
import { FileSource } from '../../ingest/sources/files/file-source.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import { type FullDisk, openOnFullDisk } from '../testing/full-disk.ts'
import { createDetection } from './detection.ts'
import { laneOpener } from './lanes.ts'
import { lookAfter, readSources } from './live-loops.ts'
import { replay } from './replay.ts'
import { createResponder } from './responder.ts'
import { configContext, packageFolder } from './shipped.ts'
import { WaitingStore } from './waiting-store.ts'
import { wantedFields } from './wanted-fields.ts'

const attack = join(packageFolder, 'detectors', 'sequential-enumeration', 'fixtures', 'attack.ndjson')
const root = mkdtempSync(join(tmpdir(), 'picket-loops-'))
afterAll(() => rmSync(root, { recursive: true }))

function defaults() {
  const loaded = loadConfig(undefined, configContext())
  if (!loaded.ok) throw new Error('the built-in configuration is wrong')
  return loaded
}

const loaded = defaults()
const log = pino({ level: 'silent' })
const clock = { now: () => Date.now() }

/** A run over a disk without room, put together as `runLive` does it. */
async function startRun(disk: FullDisk, folder: string, turn: () => Promise<void>) {
  const stop = new AbortController()
  const store = new WaitingStore(disk.store, { log, signal: stop.signal, sleep: turn })
  const { engine, digest } = createDetection({
    ...loaded,
    lane: 'live',
    key: fixedPublicKey,
    keeping: 'packs',
  })
  const table = new DecisionTable()
  const switched = { by: undefined as string | undefined }
  const executor = createResponder({
    loaded,
    lane: 'live',
    store,
    table,
    engine,
    clock,
    killSwitch: { engaged: () => switched.by },
    page: { http: createSimulatedHttpClient(), routingKey: 'simulated' },
    sleep: async () => {},
  })
  const restored = await store.restore()
  const pipeline = new Pipeline({ engine, watermarks: new Watermarks(), store, executor })
  await pipeline.resume(restored, { manifest: digest })
  await executor.resume(restored)
  const open = laneOpener({
    config: loaded.config,
    key: fixedPublicKey,
    restored,
    wanted: wantedFields(loaded.detectors, false),
  })
  const read = (name: string, lines: readonly string[]) => {
    const path = join(folder, name)
    writeFileSync(path, `${lines.join('\n')}\n`)
    const files = new FileSource({ id: name, paths: [path] })
    const source = { source: files, traits: traitsOf(name), endless: false }
    const { signal } = stop
    const room = () => store.room()
    return readSources([source], { pipeline, open, from: new Map(), signal, room, opened: () => {} })
  }
  return { pipeline, executor, store, table, read, switched, stop }
}

function traitsOf(source: string) {
  return {
    source,
    latenessMs: fileLatenessMs,
    formatOf: () => undefined,
    vantageOf: () => undefined,
    trustsMarksOf: () => false,
  }
}

let disk: FullDisk
let folder: string
/** Opens when a test lets the commits that wait try again. */
let gate: PromiseWithResolvers
interface PromiseWithResolvers {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

beforeEach(async () => {
  folder = mkdtempSync(join(root, 'run-'))
  disk = await openOnFullDisk(folder)
  let resolve = () => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  gate = { promise, resolve }
})
afterEach(() => disk.store.close())

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate()
}

it('a finding is committed when its event is read, without waiting for the next commit', async () => {
  disk.free()
  const tokens = join(packageFolder, 'detectors', 'jti-reuse', 'fixtures', 'attack-outside-life.ndjson')
  const { pipeline, store, read } = await startRun(disk, folder, () => gate.promise)
  await read('tokens.ndjson', readFileSync(tokens, 'utf8').trim().split('\n'))
  await vi.waitFor(async () => expect(await store.findings()).not.toEqual([]), { timeout: 20_000 })
  expect(pipeline.tally.findings.size).toBeGreaterThan(0)
}, 120_000)

it('a full disk stops the reading, and with room again the run ends with all its findings', async () => {
  const lines = readFileSync(attack, 'utf8').trim().split('\n')
  // Too few for a finding, which would be committed at once.
  const half = 10
  const { pipeline, store, read } = await startRun(disk, folder, () => gate.promise)
  await read('first.ndjson', lines.slice(0, half))
  const committing = pipeline.checkpoint()
  await turns(1)
  const reading = read('second.ndjson', lines.slice(half))
  await turns(50)
  expect(pipeline.tally.events).toBe(half)
  expect((await store.restore()).positions.size).toBe(0)

  disk.free()
  gate.resolve()
  await Promise.all([committing, reading])
  await pipeline.finish()
  expect(pipeline.tally.events).toBe(lines.length)
  const { findings: expected } = await replay({ loaded, inputs: [attack] })
  const plain = (findings: typeof expected) =>
    findings.map(({ id, first, last, score, evidence }) => ({ id, first, last, score, evidence }))
  expect(expected).not.toEqual([])
  expect(plain(await store.findings())).toEqual(plain(expected))
})

it('the kill switch lets gateways go while a commit waits, and the record follows', async () => {
  disk.free()
  const { pipeline, executor, store, table, stop, switched } = await startRun(
    disk,
    folder,
    () => gate.promise,
  )
  const deny = { scope: 'ip', value: '203.0.113.9', type: 'deny', ttlMs: 60_000, reason: 'seen' } as const
  expect(await executor.addDecision({ ...deny, by: 'Ada' })).toMatchObject({ ok: true })
  expect(table.list()).toHaveLength(1)
  disk.fill()
  const large = { marks: [{ key: 'large', value: 'x'.repeat(100_000) }] }
  const committing = executor.accept([], () => store.commit(large))
  const looking = lookAfter({ pipeline, executor, clock, log, stop })
  switched.by = 'the file kill-switch'
  await vi.waitFor(() => expect(table.list()).toEqual([]), { timeout: 20_000 })
  expect(await store.decisions()).toHaveLength(1)
  switched.by = undefined
  disk.free()
  gate.resolve()
  await committing
  await vi.waitFor(async () => expect(await store.decisions()).toEqual([]), { timeout: 20_000 })
  stop.abort()
  await looking
}, 120_000)

it('ends with what is wrong when it is stopped while the disk is full', async () => {
  const lines = readFileSync(attack, 'utf8').trim().split('\n')
  const { pipeline, executor, read, stop } = await startRun(disk, folder, async () => stop.abort())
  // First, or it finds the run stopped: a file's mark is committed soon after it is read.
  const looking = lookAfter({ pipeline, executor, clock, log, stop })
  looking.catch(() => {})
  await read('all.ndjson', lines.slice(0, 10))
  await expect(looking).rejects.toThrow(/^stopped while a commit waited for room: .*free some space/)
  await expect(pipeline.checkpoint()).rejects.toThrow(/^stopped while/)
})

it('follows many files without a warning', async () => {
  disk.free()
  const { pipeline, store, stop } = await startRun(disk, folder, () => gate.promise)
  const paths = Array.from({ length: 20 }, (_, index) => join(folder, `${index}.ndjson`))
  for (const path of paths) writeFileSync(path, '')
  const source = new FileSource({ id: 'log', paths, follow: { pollMs: 60_000, idleMs: 60_000 } })
  const warnings: Error[] = []
  const warned = (warning: Error) => warnings.push(warning)
  process.on('warning', warned)
  let opened = 0
  const reading = readSources([{ source, traits: traitsOf('log'), endless: true }], {
    pipeline,
    open: laneOpener({
      config: loaded.config,
      key: fixedPublicKey,
      restored: await store.restore(),
      wanted: wantedFields(loaded.detectors, false),
    }),
    from: new Map(),
    signal: stop.signal,
    room: () => store.room(),
    opened: () => {
      opened += 1
    },
  })
  await vi.waitFor(() => expect(opened).toBe(paths.length), { timeout: 20_000 })
  await turns(50)
  stop.abort()
  await reading
  process.off('warning', warned)
  expect(warnings).toEqual([])
})
