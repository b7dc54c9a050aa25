import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { Engine } from '../../core/engine/engine.ts'
import { Watermarks } from '../../core/engine/watermarks.ts'
import { partitionKey } from '../../core/event/position.ts'
import { publicHash } from '../../core/hash/keyed-hash.ts'
import type { Executor } from '../../core/response/executor.ts'
import { openFormat } from '../../ingest/formats/format-options.ts'
import { FileSource } from '../../ingest/sources/files/file-source.ts'
import { MemoryStateStore } from '../../storage/memory/memory-state-store.ts'
import { PartitionLane } from '../pipeline/partition-lane.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import { readSources } from './live-loops.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-commits-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const start = Date.parse('2026-03-10T12:00:00Z')

/** Lines of a file, in time order, at its own pace. */
function writeLines(name: string, count: number, stepMs: number): { path: string; text: string } {
  const lines = Array.from({ length: count }, (_, index) =>
    JSON.stringify({ time: start + index * stepMs, path: `/${name}/${'x'.repeat(index % 400)}` }),
  )
  const text = `${lines.join('\n')}\n`
  const path = join(folder, name)
  writeFileSync(path, text)
  return { path, text }
}

const executor = {
  accept: async (_findings: unknown, commit: (runs: readonly never[]) => Promise<void>) => {
    await commit([])
    return []
  },
} as unknown as Executor

it('every commit holds exactly the events before its positions, whenever it comes, of files that are merged', async () => {
  const files = [writeLines('a', 3000, 1000), writeLines('b', 700, 4300), writeLines('c', 5000, 600)]
  const source = new FileSource({ id: 'logs', paths: files.map(({ path }) => path) })
  const store = new MemoryStateStore()
  const engine = new Engine({ space: 's', lane: 'live', manifest: 'm', detectors: [], hash: publicHash })
  const judged: number[] = []
  const pipeline: Pipeline = new Pipeline({
    engine,
    watermarks: new Watermarks(),
    store: Object.assign(Object.create(store), {
      commit: async ({ positions }: { readonly positions: ReadonlyMap<string, number> }) => {
        const before = files.map(({ path, text }) => {
          const position = positions.get(partitionKey('logs', path)) ?? 0
          return text.slice(0, position).split('\n').length - 1
        })
        expect(before.reduce((sum, count) => sum + count, 0)).toBe(judged.at(-1))
      },
    }),
    executor,
    onCaptured: () => judged.push(pipeline.tally.events),
  })
  const lanes = new Map<string, PartitionLane>()
  const laneOf = (partition: string) => {
    const lane =
      lanes.get(partition) ??
      new PartitionLane({
        source: 'logs',
        partition,
        latenessMs: 30_000,
        format: 'canonical',
        clock: { now: () => start + 10_000_000 },
        open: (format) => openFormat(format),
        pseudonymise: (account) => account,
        pseudonymisePrincipals: false,
        trustsMarks: () => false,
      })
    lanes.set(partition, lane)
    return lane
  }
  let reading = true
  const traits = { source: 'logs' } as never
  const read = readSources([{ source, traits, endless: false }], {
    pipeline,
    open: () => laneOf,
    from: new Map(),
    signal: new AbortController().signal,
    room: async () => {},
    opened: () => {},
  }).finally(() => {
    reading = false
  })
  while (reading) {
    await pipeline.checkpoint()
    await turn()
  }
  await read
  await pipeline.checkpoint()
  expect(judged.at(-1)).toBe(8700)
  expect(new Set(judged).size).toBeGreaterThan(5)
})
