import { appendFileSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runPicket } from '../../cli/testing/run-picket.ts'
import { partitionKey } from '../../core/event/position.ts'
import { openReadOnly } from '../../storage/sqlite/sqlite-state-store.ts'
import type { Recording } from '../../storage/sqlite/state-logs.ts'
import { type PicketProcess, startPicket } from './picket-process.ts'
import { walkedTraffic } from './walked-traffic.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-live-'))
const dataDir = join(folder, 'state')
const config = join(folder, 'picket.yaml')
const [edge, late] = [join(folder, 'edge.ndjson'), join(folder, 'late.ndjson')]
/** Yesterday, so that what is found is too old to act on. */
const start = Date.now() - 26 * 3_600_000

function configure(idsMin: number, protectedNames = '[]'): void {
  writeFileSync(
    config,
    `
data_dir: ./state
sources:
  - { type: file, name: edge, paths: [./edge.ndjson], follow: true, lateness: 5s, idle: 1s }
  - { type: file, name: late, paths: [./late.ndjson], follow: true, lateness: 5s, idle: 1s }
clickhouse: { embedded: false }
detectors: { sequential-enumeration: { ids_min: ${idsMin} } }
playbooks: [./contain.yaml]
response: { protected: { principals: ${protectedNames} } }
`,
  )
}

const playbook = `
version: 1
id: contain-walks
on: finding.detector == 'sequential-enumeration'
mode: enforce
limits: { targets_per_hour: 100, share_of_clients: 100% }
steps: [{ id: slow-down, action: throttle, target: finding.entity, with: { rate: 5/m }, ttl: 1h }]
`

const traffic = (fromMinute: number, minutes: number, walks: number) =>
  walkedTraffic(start, fromMinute, minutes, walks)

async function recording(): Promise<Recording> {
  const state = await openReadOnly(dataDir)
  try {
    return await state.recording()
  } finally {
    await state.close()
  }
}

/** Waits until everything that the files hold is committed. */
async function read(partition: string, path: string, source = 'edge'): Promise<void> {
  const { size } = statSync(path)
  const position = async () => (await recording()).positions.get(partitionKey(source, partition))
  await vi.waitFor(async () => expect(await position()).toBe(size), { timeout: 30_000, interval: 50 })
}

async function noted(kind: string, least: number): Promise<void> {
  const count = async () => (await recording()).control.filter((entry) => entry.kind === kind).length
  await vi.waitFor(async () => expect(await count()).toBeGreaterThanOrEqual(least), {
    timeout: 20_000,
    interval: 50,
  })
}

async function found(least: number): Promise<void> {
  const finals = async () => (await listed()).split('\n').filter((line) => line !== '').length
  await vi.waitFor(async () => expect(await finals()).toBeGreaterThanOrEqual(least), { timeout: 30_000 })
}

async function started(): Promise<PicketProcess> {
  const run = startPicket(['run', '--config', config])
  await vi.waitFor(() => expect(run.output.stderr).toContain('"msg":"ready"'), { timeout: 30_000 })
  return run
}

const again = (...more: string[]) => runPicket('replay', '--config', config, '--json', ...more)
const listed = async () => (await runPicket('findings', 'list', '--config', config, '--json')).out

/** What a run over idle sources, a late one, kill -9, other settings, a rotation and a reload leaves behind. */
beforeAll(async () => {
  writeFileSync(join(folder, 'contain.yaml'), playbook)
  configure(30)
  writeFileSync(edge, traffic(0, 6, 4))
  writeFileSync(late, '')
  const first = await started()
  await read(edge, edge)
  // Both are silent now: event time goes on with the clock, and what comes from yesterday's start is late.
  await noted('watermark', 1)
  appendFileSync(late, traffic(0, 3, 2))
  await read(late, late, 'late')
  appendFileSync(edge, traffic(6, 6, 4))
  await read(edge, edge)
  await found(5)
  first.child.kill('SIGKILL')
  await first.ended

  configure(50)
  const second = await started()
  appendFileSync(edge, `${JSON.stringify({ time: Date.now() + 3_600_000, path: '/', status: 200 })}\n`)
  appendFileSync(edge, traffic(12, 6, 4))
  await read(edge, edge)
  configure(50, '[mallory-1-18]')
  second.child.kill('SIGHUP')
  await vi.waitFor(() => expect(second.output.stderr).toContain('"msg":"reloaded"'), { timeout: 20_000 })
  renameSync(edge, `${edge}.1`)
  writeFileSync(edge, traffic(18, 6, 4))
  await read(`${edge}#1`, edge)
  await found(13)
  second.child.kill('SIGTERM')
  expect(await second.ended).toMatchObject({ code: 0 })
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('picket replay --manifest', () => {
  it('live gives the final findings of the run again, byte for byte', async () => {
    const { control, snapshots } = await recording()
    const kinds = new Set(control.map(({ kind }) => kind))
    for (const kind of ['source-idle', 'source-active', 'watermark', 'late', 'refused-range', 'response'])
      expect(kinds).toContain(kind)
    const manifests = control.flatMap((entry) => (entry.kind === 'manifest' ? [entry.digest] : []))
    expect(new Set(manifests).size).toBe(2)
    for (const digest of manifests) expect(snapshots.has(digest)).toBe(true)

    const expected = await listed()
    // Findings under both manifests, or the test shows little.
    for (const digest of manifests) expect(expected).toContain(digest)
    const { code, out, err } = await again('--manifest', 'live')
    expect(err).toMatch(/events, 1 refused \(1 time_ahead\), [1-9]\d* late/)
    expect({ code, out }).toEqual({ code: 0, out: expected })
  })

  it('a digest judges the same events, or a file, by that manifest', async () => {
    const { control } = await recording()
    const [first = ''] = control.flatMap((entry) => (entry.kind === 'manifest' ? [entry.digest] : []))
    const all = await again('--manifest', first)
    expect(all.code).toBe(0)
    const lines = all.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { manifest: string })
    expect(new Set(lines.map(({ manifest }) => manifest))).toEqual(new Set([first]))
    const file = await again('--manifest', first, `${edge}.1`)
    expect(file.out).toContain(first)
  })

  it('says what is wrong: an unknown digest, another Picket, a log that is gone', async () => {
    const unknown = await again('--manifest', 'm1:0000000000000000')
    expect(unknown).toMatchObject({ code: 4, out: '' })
    expect(unknown.err).toMatch(/no manifest m1:0{16} is stored in .*: there are m1:/)
    expect(await again('--manifest', 'lvie')).toMatchObject({ code: 2 })
    expect(await again()).toMatchObject({ code: 2 })
    renameSync(`${edge}.1`, join(folder, 'elsewhere'))
    const gone = await again('--manifest', 'live')
    renameSync(join(folder, 'elsewhere'), `${edge}.1`)
    expect(gone).toMatchObject({ code: 4, out: '' })
    expect(gone.err).toContain('put the rotated file back beside it')
  })
})

it("a backlog of yesterday's logs gives yesterday's findings, and enforces none", async () => {
  const state = await openReadOnly(dataDir)
  const [findings, runs, decisions] = [await state.findings(), await state.runs(), await state.decisions()]
  await state.close()
  const walks = findings.filter(({ detector }) => detector === 'sequential-enumeration')
  expect(walks.length).toBeGreaterThanOrEqual(12)
  for (const { last } of walks) expect(last).toBeLessThan(Date.now() - 20 * 3_600_000)
  expect(decisions).toEqual([])
  const steps = runs.flatMap((run) => run.steps)
  expect(steps.length).toBeGreaterThan(0)
  // Who is protected since the reload is refused by that first.
  for (const { rule } of steps) expect(rule).toMatch(/^(not_actionable|protected)$/)
  expect(steps.filter(({ rule }) => rule === 'not_actionable').length).toBeGreaterThanOrEqual(10)
})
