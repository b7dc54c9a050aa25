import { expect, test } from 'vitest'
import { Engine } from '../../core/engine/engine.ts'
import { packsOf } from '../../core/engine/entity-pack.ts'
import { Watermarks } from '../../core/engine/watermarks.ts'
import { keyedHash } from '../../core/hash/keyed-hash.ts'
import type { Executor } from '../../core/response/executor.ts'
import { MemoryStateStore } from '../../storage/memory/memory-state-store.ts'
import type { PartitionLane } from './partition-lane.ts'
import { Pipeline } from './pipeline.ts'

const minute = 60_000
const now = Date.parse('2026-03-10T12:00:00Z')

/** Only what the pipeline uses of them. */
const lane = {
  source: 'gateway',
  partition: 'access.log',
  key: 'gateway\u0000access.log',
  latenessMs: 30_000,
} as unknown as PartitionLane
const report = { position: 1, gate: '{}', format: undefined, deadLetters: [] }
const executor = {
  accept: async (_findings: unknown, commit: (runs: readonly never[]) => Promise<void>) => {
    await commit([])
    return []
  },
} as unknown as Executor

function engineWithoutDetectors(): Engine {
  return new Engine({ space: 'default', lane: 'live', manifest: 'm', detectors: [], hash: keyedHash(1, 2) })
}

async function silentAfter(aheadMs: number) {
  const engine = engineWithoutDetectors()
  const pipeline = new Pipeline({
    engine,
    watermarks: new Watermarks(),
    store: new MemoryStateStore(),
    executor,
  })
  pipeline.take({ items: [], news: { lane, kind: 'opened', report } })
  const items = [{ time: now, offset: 0, event: { time: now + aheadMs }, lane }]
  pipeline.take({ items, news: { lane, kind: 'idle', report } })
  await pipeline.checkpoint()
  return { pipeline, engine }
}

test('through a silence time goes on with the clock from the last event, to the end of its panes', async () => {
  const { pipeline, engine } = await silentAfter(-minute)
  for (let second = 0; second <= 10; second++) pipeline.keepTime(now + second * 1000)
  await pipeline.checkpoint()
  // The engine has no detectors, and so no panes that end behind the last event.
  expect(engine.watermark).toBe(now - minute)
})

test('an event of a sender whose clock is ahead does not take time beyond the clock', async () => {
  const { pipeline, engine } = await silentAfter(4 * minute)
  for (let second = 0; second <= 60; second++) pipeline.keepTime(now + second * 1000)
  await pipeline.checkpoint()
  expect(engine.watermark).toBe(now + 30_000)
})

test('after a restart the first partition to open does not take time beyond what another still has to give', async () => {
  const engine = engineWithoutDetectors()
  const watermarks = new Watermarks()
  const [ahead, behind] = ['ahead', 'behind'].map((name) => ({
    ...lane,
    partition: name,
    key: `gateway\u0000${name}`,
  })) as [PartitionLane, PartitionLane]
  for (const one of [ahead, behind]) watermarks.opened(one.key, 30_000)
  watermarks.observe(ahead.key, now + 10 * minute)
  watermarks.observe(behind.key, now)
  const restored = new Watermarks()
  restored.restore(watermarks.snapshot())
  const pipeline = new Pipeline({ engine, watermarks: restored, store: new MemoryStateStore(), executor })
  pipeline.expect(['gateway'])
  pipeline.take({ items: [], news: { lane: ahead, kind: 'opened', report } })
  await pipeline.checkpoint()
  pipeline.take({ items: [], news: { lane: behind, kind: 'opened', report } })
  pipeline.take({ items: [{ time: now + 1, offset: 0, event: { time: now + 1 }, lane: behind }] })
  await pipeline.checkpoint()
  expect(pipeline.tally).toMatchObject({ events: 1, late: 0 })
  expect(engine.watermark).toBe(now + 1 - 30_000)
})

test('what a source marks commits with the position of its batch, and listeners learn of it after that', async () => {
  const engine = engineWithoutDetectors()
  const store = new MemoryStateStore()
  const pipeline = new Pipeline({ engine, watermarks: new Watermarks(), store, executor })
  const told: (number | undefined)[] = []
  pipeline.onDurable((positions) => told.push(positions.get(lane.key)))
  pipeline.take({ items: [], news: { lane, kind: 'opened', report } })
  const batch = (position: number) => ({
    items: [],
    news: {
      lane,
      kind: 'read' as const,
      report: { ...report, position },
      marks: [{ key: 'k', value: `${position}` }],
    },
  })
  pipeline.take(batch(1))
  const captured = pipeline.capture()
  // Read while the commit is under way: it belongs to the next one.
  pipeline.take(batch(2))
  expect(told).toEqual([])
  await pipeline.commit(captured)
  const first = await store.restore()
  expect([first.positions.get(lane.key), first.marks.get('k'), told]).toEqual([1, '1', [1]])
  await pipeline.checkpoint()
  const second = await store.restore()
  expect([second.positions.get(lane.key), second.marks.get('k'), told]).toEqual([2, '2', [1, 2]])
})

test('while state is restored, other work has its turn after each pack', async () => {
  const store = new MemoryStateStore()
  for (const number of [1, 2])
    await store.commit({
      packs: packsOf([{ detector: 'gone', version: 1, entity: 'p1 ip:192.0.2.1', bytes: undefined }], number),
    })
  let turns = 0
  const turn = async () => {
    turns++
  }
  const parts = { engine: engineWithoutDetectors(), watermarks: new Watermarks(), store, executor, turn }
  await new Pipeline(parts).resume(await store.restore(), { manifest: 'm' })
  expect(turns).toBe(2)
})

test('events that could not be judged to their end are not committed: they are read again', async () => {
  const store = new MemoryStateStore()
  const engine = engineWithoutDetectors()
  const pipeline = new Pipeline({ engine, watermarks: new Watermarks(), store, executor })
  const part = (offset: number) => ({
    items: [{ time: now, offset, event: { time: now }, lane }],
    news: { lane, kind: 'read', report: { ...report, position: offset + 1 } } as const,
  })
  pipeline.take({ items: [], news: { lane, kind: 'opened', report } })
  pipeline.take(part(0))
  await pipeline.checkpoint()
  engine.observeAll = () => {
    throw new Error('a detector failed')
  }
  expect(() => pipeline.take(part(1))).toThrow('a detector failed')
  await expect(pipeline.checkpoint()).rejects.toThrow('nothing more is committed')
  expect([...(await store.restore()).positions.values()]).toEqual([1])
})
