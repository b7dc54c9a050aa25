import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { z } from 'zod'
import { counter } from '../core/aggregates/counter.ts'
import { type Detector, defineDetector } from '../core/detector/detector.ts'
import { Engine } from '../core/engine/engine.ts'
import { publicHash } from '../core/hash/keyed-hash.ts'
import { openStateStore, type SqliteStateStore } from '../storage/sqlite/sqlite-state-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-versions-'))
afterAll(() => rmSync(folder, { recursive: true }))

const minute = 60_000
const start = Date.UTC(2026, 2, 2, 9)

/** Version 2 means something else by what it collects: it counts each request twice. */
function noisy(version: 1 | 2): Detector {
  return defineDetector({
    id: 'noisy',
    version,
    summary: 'Test detector.',
    threats: [],
    config: z.strictObject({}),
    vantage: 'edge',
    reads: ['client.ip'],
    window: () => ({ size: '10m', pane: '1m' }),
    pane: { seen: counter() },
    observe(event, emit) {
      const cells = emit('ip', event['client.ip'])
      for (let time = 0; time < version; time++) cells?.seen.add()
    },
    judge: ({ total }) =>
      total.seen.value >= 10
        ? { score: 0.5, severity: 'low', evidence: { seen: total.seen.value } }
        : undefined,
    evidence: z.strictObject({ seen: z.number() }),
  }) as unknown as Detector
}

/** A process: restores, judges some requests of one client, and commits. Returns how many entities it began with. */
async function run(versions: readonly (1 | 2)[], fromMinute: number, requests: number) {
  const store: SqliteStateStore = await openStateStore(folder)
  const engine = new Engine({
    space: 'default',
    lane: 'live',
    manifest: `m1:${versions.join('')}`,
    detectors: versions.map((version) => ({ detector: noisy(version), config: {} })),
    hash: publicHash,
  })
  for await (const pack of store.packs()) engine.restore(pack)
  engine.restored(start + fromMinute * minute, (await store.restore()).openFindings)
  const began = engine.entityCounts().get('noisy')
  for (let index = 0; index < requests; index++)
    engine.observe({ time: start + fromMinute * minute + index, 'client.ip': '203.0.113.9' })
  engine.advance(start + (fromMinute + 1) * minute)
  await store.commit({ findings: engine.drain().findings, packs: engine.cutState().packs() })
  const findings = await store.findings()
  await store.close()
  return { began, findings: findings.map(({ id, version, evidence }) => ({ id, version, ...evidence })) }
}

it("a detector's new version begins beside the old one, whose findings and state stay", async () => {
  const first = await run([1], 0, 12)
  expect(first.findings).toMatchObject([{ version: 1, seen: 12 }])
  const [old] = first.findings

  // The new one knows nothing of what the old one collected: twelve more would be seen otherwise.
  const second = await run([2], 1, 6)
  expect(second.began).toBe(0)
  expect(second.findings).toContainEqual(old)
  const [other] = second.findings.filter(({ version }) => version === 2)
  expect(other).toMatchObject({ seen: 12 })
  expect(other?.id).not.toBe(old?.id)

  // Both at once go on with what each has.
  const both = await run([1, 2], 2, 3)
  expect(both.findings).toHaveLength(2)
  expect(both.findings.find(({ version }) => version === 1)).toMatchObject({ id: old?.id, seen: 15 })
  expect(both.findings.find(({ version }) => version === 2)).toMatchObject({ id: other?.id, seen: 18 })

  // And the old one, put back, has lost nothing.
  const back = await run([1], 3, 2)
  expect(back.began).toBe(1)
  expect(back.findings.find(({ version }) => version === 1)).toMatchObject({ id: old?.id, seen: 17 })
})
