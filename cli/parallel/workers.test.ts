import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, expect, it } from 'vitest'
import { loadConfig } from '../../config/load-config.ts'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { findingLine } from '../render/finding-line.ts'
import { runLive } from '../runtime/live.ts'
import { replay } from '../runtime/replay.ts'
import { configContext, packageFolder } from '../runtime/shipped.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-workers-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** One attack for each detector, and events that come behind them; merged by time. */
const inputs = [
  'credential-stuffing/fixtures/attack.ndjson',
  'sequential-enumeration/fixtures/attack-shuffled.ndjson',
  'jti-reuse/fixtures/attack.ndjson',
  'webhook-skew/fixtures/attack.ndjson',
].map((name) => join(packageFolder, 'detectors', name))

function load(text: string) {
  const file = join(folder, 'picket.yaml')
  writeFileSync(file, text)
  const loaded = loadConfig(file, configContext())
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded
}

async function replayed(workers: number) {
  const { findings, decisions, tally, manifest } = await replay({ loaded: load('{}'), inputs, workers })
  return {
    lines: findings.map(findingLine),
    decided: decisions.map(({ scope, value, type }) => `${scope} ${value} ${type}`).sort(),
    counts: { events: tally.events, late: tally.late, refused: tally.refusedTotal },
    manifest,
  }
}

it('finds and decides the same with any number of threads', async () => {
  const alone = await replayed(1)
  expect(new Set(alone.lines.map((line) => JSON.parse(line).detector)).size).toBe(4)
  for (const workers of [2, 3, 9]) expect(await replayed(workers)).toEqual(alone)
}, 120_000)

it('finds the same live, whatever the number of threads at each start', async () => {
  const state = join(folder, 'state')
  const loaded = load(`
data_dir: ${state}
sources: [{ type: file, name: log, paths: [${inputs.join(', ')}] }]
clickhouse: { embedded: false }
`)
  const log = pino({ level: 'silent' })
  const clock = { now: () => Date.now() }
  for (const workers of [2, 1, 4, 2]) {
    const stop = new AbortController()
    // Somewhere in the middle of the files.
    const timer = setTimeout(() => stop.abort(), 400)
    await runLive({ loaded, clock, log, signal: stop.signal, workers })
    clearTimeout(timer)
  }
  await runLive({ loaded, clock, log, signal: new AbortController().signal, workers: 3 })
  const store = await openStateStore(state)
  const found = (await store.findings()).filter((finding) => finding.state === 'final')
  await store.close()
  const alone = await replay({ loaded, inputs })
  expect(found.map(({ id }) => id).sort()).toEqual(alone.findings.map(({ id }) => id).sort())
}, 120_000)

it('stops with the reason when a thread dies, and what is committed stays', async () => {
  const [detector] = configContext().detectors
  if (!detector) throw new Error('no detector ships')
  const loaded = load('{}')
  // No thread knows a detector of this name.
  const strange = { detector: { ...detector, id: 'made-up' }, config: loaded.detectors[0]?.config }
  const detectors = [...loaded.detectors, strange]
  await expect(replay({ loaded: { ...loaded, detectors }, inputs, workers: 2 })).rejects.toThrow(
    /thread .* died: no detector made-up/,
  )
})
