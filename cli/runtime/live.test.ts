import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, expect, it, vi } from 'vitest'
import { loadConfig } from '../../config/load-config.ts'
import { runLive } from './live.ts'
import { configContext, packageFolder } from './shipped.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-live-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('judges the other sources while Kafka is away, and says which source waits for which broker', async () => {
  const config = join(folder, 'picket.yaml')
  const line = (second: number) => `{"time":"2026-03-02T09:00:${second}Z","path":"/","status":200}\n`
  writeFileSync(
    join(folder, 'access.ndjson'),
    Array.from({ length: 50 }, (_, index) => line(10 + index)).join(''),
  )
  writeFileSync(
    config,
    `
data_dir: ./state
sources:
  - { type: kafka, name: gateway, brokers: ['127.0.0.1:1'], topics: [{ name: access }] }
  - { type: file, name: log, paths: [./access.ndjson], follow: true }
clickhouse: { embedded: false }
`,
  )
  const loaded = loadConfig(config, configContext())
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const logged: Record<string, unknown>[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line)) })
  const stop = new AbortController()
  const running = runLive({ loaded, clock: { now: () => Date.now() }, log, signal: stop.signal })
  await vi.waitFor(
    () =>
      expect(logged).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            source: 'gateway',
            msg: expect.stringContaining("can't reach Kafka at 127.0.0.1:1"),
          }),
          expect.objectContaining({ msg: 'ready', open: ['log'], opening: ['gateway'] }),
        ]),
      ),
    { timeout: 20_000 },
  )
  stop.abort()
  expect((await running).tally.events).toBe(50)
})

it('logs findings, outcomes of steps and the kill switch', async () => {
  const state = join(folder, 'told')
  const attack = join(packageFolder, 'detectors', 'sequential-enumeration', 'fixtures', 'attack.ndjson')
  const config = join(folder, 'told.yaml')
  writeFileSync(
    config,
    `
data_dir: ${state}
sources: [{ type: file, name: log, paths: [${attack}] }]
clickhouse: { embedded: false }
`,
  )
  mkdirSync(state)
  writeFileSync(join(state, 'kill-switch'), 'action deny\n')
  const loaded = loadConfig(config, configContext())
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const logged: Record<string, unknown>[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line)) })
  await runLive({ loaded, clock: { now: () => Date.now() }, log, signal: new AbortController().signal })
  const told = (msg: string) => logged.filter((line) => line.msg === msg)
  expect(told('kill switch on')).toMatchObject([{ switch: 'action deny' }])
  const [found] = told('finding')
  expect(found).toMatchObject({ detector: 'sequential-enumeration', state: 'final' })
  expect(told('step refused')).toContainEqual(
    expect.objectContaining({ finding: found?.finding, rule: 'not_actionable' }),
  )
})
