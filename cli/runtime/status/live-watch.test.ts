import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, expect, it, vi } from 'vitest'
import { loadConfig } from '../../../config/load-config.ts'
import { runPicket } from '../../testing/run-picket.ts'
import { runLive } from '../live.ts'
import { configContext } from '../shipped.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-watch-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('a detector without input becomes one finding that the list shows, also over a restart', async () => {
  const line = (index: number) =>
    `${JSON.stringify({ time: Date.UTC(2026, 2, 2, 9) + index * 1000, path: '/', status: 200, client: { ip: '203.0.113.7' } })}\n`
  writeFileSync(
    join(folder, 'access.ndjson'),
    Array.from({ length: 400 }, (_, index) => line(index)).join(''),
  )
  const config = join(folder, 'picket.yaml')
  writeFileSync(
    config,
    `
data_dir: ./state
sources: [{ type: file, name: log, paths: [./access.ndjson], follow: true, idle: 1s }]
clickhouse: { embedded: false }
`,
  )
  const loaded = loadConfig(config, configContext())
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const begun = Date.now()
  // So that a reading is due every half second.
  const clock = { now: () => begun + (Date.now() - begun) * 20 }
  const list = async () => {
    const { out } = await runPicket('findings', 'list', '--json', '--config', config)
    return out.split('\n').filter((text) => text.includes('"idle-detector"'))
  }
  async function run(until: (logged: readonly object[]) => void): Promise<void> {
    const logged: object[] = []
    const log = pino({ level: 'info' }, { write: (text: string) => void logged.push(JSON.parse(text)) })
    const stop = new AbortController()
    const running = runLive({
      loaded: loaded as typeof loaded & { ok: true },
      clock,
      log,
      signal: stop.signal,
    })
    await vi.waitFor(() => until(logged), { timeout: 20_000, interval: 100 })
    stop.abort()
    await running
  }
  await run((logged) =>
    expect(logged).toContainEqual(
      expect.objectContaining({ msg: 'finding', detector: 'idle-detector', severity: 'info' }),
    ),
  )
  const told = await list()
  expect(told.map((text) => JSON.parse(text).entity)).toContainEqual({
    kind: 'service',
    id: 'picket/detector/jti-reuse',
  })
  expect(told.find((text) => text.includes('jti-reuse'))).toContain('"token.jti"')
  // Nothing is sealed and nobody is idle at once after a restart: it has to have come to the same point.
  const restarted = clock.now()
  await run(() => expect(clock.now() - restarted).toBeGreaterThan(25_000))
  expect(await list()).toEqual(told)
})
