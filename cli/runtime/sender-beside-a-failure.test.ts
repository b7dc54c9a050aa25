import { setImmediate as turn } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { loadConfig } from '../../config/load-config.ts'
import { Engine } from '../../core/engine/engine.ts'
import { Watermarks } from '../../core/engine/watermarks.ts'
import { partitionKey } from '../../core/event/position.ts'
import { publicHash } from '../../core/hash/keyed-hash.ts'
import type { Source } from '../../core/ports/source.ts'
import type { Changes } from '../../core/ports/state-store.ts'
import type { Executor } from '../../core/response/executor.ts'
import { fixedPublicKey } from '../../ingest/privacy/pseudonym.ts'
import { HttpSource } from '../../ingest/sources/http/http-source.ts'
import { MemoryStateStore } from '../../storage/memory/memory-state-store.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import { laneOpener } from './lanes.ts'
import { readSources } from './live-loops.ts'
import { configContext } from './shipped.ts'
import { realWaits, type Waits } from './waits.ts'

/** A state whose commits wait until they may end. */
class HeldStore extends MemoryStateStore {
  release = () => {}
  readonly #released = new Promise<void>((resolve) => {
    this.release = resolve
  })

  override async commit(changes: Changes): Promise<void> {
    await this.#released
    await super.commit(changes)
  }
}

/** Only what the pipeline uses of it. */
const executor = {
  accept: async (_findings: unknown, commit: (runs: readonly never[]) => Promise<void>) => {
    await commit([])
    return []
  },
} as unknown as Executor

const traits = {
  latenessMs: 0,
  formatOf: () => 'canonical' as const,
  vantageOf: () => undefined,
  trustsMarksOf: () => false,
}

/** A run that has read what a sender gave, cannot commit it yet, and whose other source has just failed. */
async function failBesideSender(waits: Waits) {
  const loaded = loadConfig(undefined, configContext())
  if (!loaded.ok) throw new Error('the built-in configuration is wrong')
  const store = new HeldStore()
  const engine = new Engine({ space: 's', lane: 'live', manifest: 'm', detectors: [], hash: publicHash })
  const pipeline = new Pipeline({ engine, watermarks: new Watermarks(), store, executor })
  let fail = () => {}
  const failed = new Promise<void>((resolve) => {
    fail = resolve
  })
  const other: Source = {
    id: 'other',
    async *read() {
      yield { kind: 'opened', partition: 'p' }
      await failed
      throw new Error('the disk of the log is gone')
    },
  }
  const http = new HttpSource({ id: 'http', host: '127.0.0.1', port: 0, token: undefined })
  const sources = [http, other].map((source) => ({
    source,
    traits: { ...traits, source: source.id },
    endless: true,
  }))
  const reading = readSources(sources, {
    pipeline,
    open: laneOpener({
      config: loaded.config,
      key: fixedPublicKey,
      restored: await store.restore(),
      wanted: new Set(),
      clock: { now: () => Date.now() },
    }),
    from: new Map(),
    signal: new AbortController().signal,
    room: async () => {},
    opened: () => {},
    waits,
  })
  // As a run does, which closes its sources before its state.
  const ended = reading.catch((error: unknown) => error).finally(() => http.close())
  await vi.waitFor(() => expect(http.port).toBeGreaterThan(0))
  const sent = fetch(`http://127.0.0.1:${http.port}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ time: Date.parse('2026-03-10T12:00:00Z') }]),
  })
  await vi.waitFor(() => expect(pipeline.tally.events).toBe(1))
  fail()
  const positionOf = async () => (await store.restore()).positions.get(partitionKey('http', 'events'))
  return { store, ended, sent, positionOf }
}

it('a source that fails does not keep what a sender gave from being committed and answered', async () => {
  const { store, ended, sent, positionOf } = await failBesideSender(realWaits)
  for (let count = 0; count < 50; count++) await turn()
  store.release()
  expect(await ended).toMatchObject({ message: 'the disk of the log is gone' })
  expect((await sent).status).toBe(200)
  expect(await positionOf()).toBe(1)
})

it('a sender is not told that nothing was taken of what becomes durable when nobody waits for it any more', async () => {
  const sleep: Waits['sleep'] = (ms, signal) =>
    ms < 10_000 ? realWaits.sleep(ms, signal) : Promise.resolve()
  const { store, ended, sent, positionOf } = await failBesideSender({ ...realWaits, sleep })
  expect(await ended).toMatchObject({ message: 'the disk of the log is gone' })
  const { status } = await sent
  store.release()
  await vi.waitFor(async () => expect(await positionOf()).toBe(1))
  expect(status).toBe(504)
})
