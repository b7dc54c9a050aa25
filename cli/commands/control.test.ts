import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ControlEntry } from '../../core/manifest/control-log.ts'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { runPicket } from '../testing/run-picket.ts'
import { finding } from '../testing/state-records.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-control-'))
const at = Date.parse('2026-03-02T09:00:00Z')
const partition = 'gateway\u0000\u001b[31maccess.log'
const entries: ControlEntry[] = [
  { kind: 'manifest', at: 0, digest: 'm1:1' },
  { kind: 'source-active', at: 0, partition, from: 12 },
  { kind: 'cut', at, positions: [] },
  { kind: 'note', at, finding: finding() },
  { kind: 'refused-range', at, partition, from: 20, to: 30, received: at },
  { kind: 'late', at, partition, from: 31, to: 32 },
  { kind: 'decision', at, decision: 'd-1', inForce: true },
]

beforeAll(async () => {
  const store = await openStateStore(folder)
  await store.commit({ control: entries })
  await store.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

const list = (...args: string[]) => runPicket('control', 'list', '--data-dir', folder, ...args)

it('lists the control log in its order, without what comes every minute, and lets no partition colour it', async () => {
  const { out, code } = await list()
  expect(code).toBe(0)
  expect(
    out
      .split('\n')
      .slice(1)
      .map((line) => line.trim()),
  ).toEqual([
    expect.stringMatching(/^none yet +manifest +m1:1$/),
    expect.stringMatching(/^none yet +source-active +gateway:\\u\{1b\}\[31maccess\.log from 12$/),
    expect.stringMatching(/refused-range .* from 20 to before 30: ahead of the clock, which showed 2026/),
    expect.stringMatching(/^2026-03-02 09:00:00 +late .* from 31 to before 32$/),
    expect.stringMatching(/decision +d-1 in force$/),
    '',
  ])
})

it('gives one kind, and the newest, and says what it leaves out', async () => {
  const { out } = await list('--kind', 'late', '--json')
  expect(JSON.parse(out)).toEqual({
    at: '2026-03-02T09:00:00.000Z',
    kind: 'late',
    partition: 'gateway:\u001b[31maccess.log',
    from: 31,
    to: 32,
  })
  expect((await list('--kind', 'cut', '--json')).out).toContain('"positions":[]')
  const newest = await list('--limit', '1', '--json')
  expect(newest.out).toContain('"decision"')
  expect(newest.err).toBe('4 older not shown; --limit 5 shows all\n')
})
