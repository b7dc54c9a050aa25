import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { picketConfigSchema } from '../../config/picket-config.ts'
import { hourMs } from '../../core/baseline/hour-of-week.ts'
import type { SealedPane } from '../../core/engine/sealed-pane.ts'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { writeMarks } from '../pipeline/marks.ts'
import { type Analytics, connectAnalytics } from '../runtime/analytics.ts'
import { baselineBuilder } from '../runtime/baseline-build.ts'
import { baselineOf } from '../runtime/baseline-file.ts'
import { startControlSocket } from '../runtime/control-socket.ts'
import { Copier } from '../runtime/copier.ts'
import { runPicket } from '../testing/run-picket.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-baseline-'))
const dataDir = join(folder, 'data')
const config = { ...picketConfigSchema.parse({}), data_dir: dataDir }
const paneMs = 300_000
/** A Monday, 00:00 UTC. */
const from = Date.UTC(2026, 0, 5)
const to = from + 14 * 24 * hourMs

/** Failures in five minutes: many at nine in the morning, few else; no chance in it, so that any two cuts agree. */
function failuresAt(start: number): number {
  const hour = Math.floor(start / hourMs) % 24
  return (hour === 9 ? 60 : 4) + (Math.floor(start / paneMs) % 5)
}

/** Two weeks of one login route, and an attack on the second Monday that its detector saw. */
function history(): SealedPane[] {
  const panes: SealedPane[] = []
  for (let start = from; start < to + 2 * hourMs; start += paneMs) {
    const flagged =
      start >= from + 7 * 24 * hourMs + 9 * hourMs && start < from + 7 * 24 * hourMs + 10 * hourMs
    const failures = flagged ? 9000 : failuresAt(start)
    panes.push({
      detector: 'credential-stuffing',
      version: 1,
      entity: { kind: 'route', id: '/login' },
      start,
      paneMs,
      measures: { failures },
      flagged,
    })
  }
  return panes
}

async function fill(analytics: Analytics): Promise<void> {
  const copier = new Copier({
    store: analytics.store,
    space: 'default',
    lane: 'live',
    report: (text) => expect.unreachable(text),
  })
  copier.committed(history())
  await copier.flush(60_000)
}

beforeAll(async () => {
  const state = await openStateStore(dataDir)
  await state.commit({
    marks: writeMarks({ watermark: to + 0.75 * hourMs, greatest: to, watermarks: '{}' }, new Map()),
  })
  await state.close()
  const analytics = await connectAnalytics(config, () => undefined)
  await fill(analytics)
  await analytics.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

const picket = (command: string, ...args: string[]) =>
  runPicket('baseline', command, '--data-dir', dataDir, ...args)

describe('picket baseline', () => {
  it('shows that there is none', async () => {
    expect((await picket('show')).out).toContain('picket baseline build makes one')
    expect(JSON.parse((await picket('show', '--json')).out)).toMatchObject({ digest: 'none', histories: 0 })
  })

  it('cuts two weeks up to the last full hour of event time, without flagged windows', async () => {
    const built = await picket('build', '--json')
    expect(built).toMatchObject({ code: 0, err: '' })
    const file = join(dataDir, 'baseline.json')
    const summary = JSON.parse(built.out)
    expect(summary).toMatchObject({
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      lane: 'live',
      histories: 2,
      file,
    })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(dataDir).filter((name) => name.includes('tmp'))).toEqual([])
    const threshold = (at: number) =>
      baselineOf(file).threshold({
        ...{ detector: 'credential-stuffing', version: 1, measure: 'failures', floor: 1, k: 3 },
        ...{ entity: { kind: 'route', id: '/login' } as const, at },
      })
    const [monday9, tuesday3] = [threshold(to + 9 * hourMs), threshold(to + 27 * hourMs)]
    // One of the two Mondays was an attack and is left out; the other is too little for an hour of its own.
    expect(monday9).toMatchObject({ source: 'entity', samples: (14 * 24 - 1) * 12 })
    expect(threshold(to + 33 * hourMs)).toMatchObject({ source: 'entity', samples: 24 })
    expect(threshold(to + 33 * hourMs).centre).toBeGreaterThan(50)
    expect(tuesday3.centre).toBeLessThan(10)
    const shown = await picket('show')
    expect(shown.out).toContain(`${summary.digest} of space default, lane live`)
    expect(shown.out).toContain('2026-01-05 00:00:00 to 2026-01-19 00:00:00 UTC (14d)')
    expect(shown.out).toMatch(/credential-stuffing 1\s+failures\s+1\s+route/)
  })

  it('gives the same through the picket run that has the folder locked', async () => {
    const before = readFileSync(join(dataDir, 'baseline.json'), 'utf8')
    rmSync(join(dataDir, 'baseline.json'))
    const analytics = await connectAnalytics(config, () => undefined)
    const executor = {
      addDecision: () => Promise.reject(new Error('not asked')),
      undoDecision: () => Promise.reject(new Error('not asked')),
      decisions: () => [],
    }
    const buildBaseline = baselineBuilder({ dataDir, space: 'default', store: analytics.store })
    const control = await startControlSocket({ dataDir, executor, buildBaseline })
    try {
      const out = join(folder, 'out.json')
      expect(await picket('build', '--out', out)).toMatchObject({ code: 0 })
      expect(existsSync(join(dataDir, 'baseline.json'))).toBe(false)
      expect(readFileSync(out, 'utf8')).toBe(before)
      expect(await picket('build')).toMatchObject({ code: 0, out: expect.stringContaining('histories  2') })
      expect(readFileSync(join(dataDir, 'baseline.json'), 'utf8')).toBe(before)
      expect(await picket('build', '--from', '3h')).toMatchObject({
        code: 4,
        err: expect.stringContaining('is too short: an entity counts from 24 different hours'),
      })
    } finally {
      await control.close()
      await analytics.close()
    }
  })

  it('leaves what is in force when there is no history, and says why', async () => {
    const before = readFileSync(join(dataDir, 'baseline.json'), 'utf8')
    const none = await picket('build', '--lane', 'shadow')
    expect(none).toMatchObject({
      code: 4,
      err: expect.stringContaining('there are no panes of space default, lane shadow'),
    })
    const file = join(folder, 'picket.yaml')
    mkdirSync(join(folder, 'empty'))
    writeFileSync(file, 'clickhouse: { embedded: false }\n')
    const off = await picket('build', '--config', file)
    expect(off).toMatchObject({ code: 4, err: expect.stringContaining('no history is kept') })
    expect(await picket('build', '--from', 'long')).toMatchObject({ code: 2 })
    expect(readFileSync(join(dataDir, 'baseline.json'), 'utf8')).toBe(before)
  })
})

it('puts an older one from a file in force, and nothing that is no baseline', async () => {
  const [file, out] = [join(dataDir, 'baseline.json'), join(folder, 'older.json')]
  const before = readFileSync(file, 'utf8')
  expect(await picket('build', '--from', '10d', '--out', out)).toMatchObject({ code: 0 })
  expect(readFileSync(out, 'utf8')).not.toBe(before)
  expect(await picket('use', out)).toMatchObject({
    code: 0,
    out: expect.stringContaining(`written to ${file}; picket run puts it in force at its next start`),
  })
  expect(readFileSync(file, 'utf8')).toBe(readFileSync(out, 'utf8'))
  writeFileSync(out, before.replace('"failures"', '"victories"'))
  expect(await picket('use', out)).toMatchObject({
    code: 2,
    err: expect.stringContaining('is damaged or was edited'),
  })
  expect(baselineOf(file).snapshot.to - baselineOf(file).snapshot.from).toBe(10 * 24 * hourMs)
})

it('shows and builds nothing where there is no state, and makes none', async () => {
  const absent = join(folder, 'absent')
  for (const command of ['show', 'build']) {
    const ran = await runPicket('baseline', command, '--data-dir', absent)
    expect(ran).toMatchObject({
      code: 4,
      out: '',
      err: expect.stringContaining(`there is no state in ${absent}`),
    })
  }
  expect(existsSync(absent)).toBe(false)
})
