import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { loadConfig } from '../../../config/load-config.ts'
import { freePort } from '../../../test/peers/free-port.ts'
import { runLive } from '../live.ts'
import { configContext, packageFolder } from '../shipped.ts'

const attack = join(packageFolder, 'detectors', 'sequential-enumeration', 'fixtures', 'attack.ndjson')
const folder = mkdtempSync(join(tmpdir(), 'picket-status-'))
const fileSource = '{ type: file, name: log, paths: [./access.ndjson], follow: true, idle: 1s }'
const awaySource =
  "{ type: kafka, name: gateway, brokers: ['127.0.0.1:1'], topics: [{ name: access }], group: status }"

interface Run {
  get(path: string): Promise<{ readonly status: number; readonly text: string }>
  stop(): Promise<void>
}

async function start(name: string, sources: readonly string[]): Promise<Run> {
  const [port, envoy] = [await freePort(), await freePort()]
  const config = join(folder, `${name}.yaml`)
  writeFileSync(
    config,
    `
data_dir: ./${name}
sources: [${sources.join(', ')}]
clickhouse: { embedded: false }
enforcement: { envoy: { listen: { port: ${envoy} } } }
status: { listen: { port: ${port} } }
`,
  )
  const loaded = loadConfig(config, configContext())
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const stop = new AbortController()
  const log = pino({ level: 'silent' })
  const running = runLive({ loaded, clock: { now: () => Date.now() }, log, signal: stop.signal })
  running.catch(() => {})
  return {
    async get(path) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`)
      return { status: response.status, text: await response.text() }
    },
    async stop() {
      stop.abort()
      await running
    },
  }
}

let run: Run
beforeAll(async () => {
  writeFileSync(join(folder, 'access.ndjson'), `${readFileSync(attack, 'utf8')}{"no":"time"}\n`)
  run = await start('all', [fileSource])
})
afterAll(async () => {
  await run.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Samples by `name{labels}`. */
function samplesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  )
}

it('is well, and not ready while a source is away', async () => {
  const away = await start('away', [fileSource, awaySource])
  try {
    await vi.waitFor(
      async () => expect((await away.get('/readyz')).text).toMatch(/^source gateway: not open/),
      {
        timeout: 20_000,
      },
    )
    expect((await away.get('/readyz')).status).toBe(503)
    expect(await away.get('/healthz')).toEqual({ status: 200, text: 'ok\n' })
  } finally {
    await away.stop()
  }
})

it('tells what was read, refused, found and done', async () => {
  const events = readFileSync(attack, 'utf8').trimEnd().split('\n').length
  const samples = await vi.waitFor(
    async () => {
      const found = samplesOf((await run.get('/metrics')).text)
      expect([...found.keys()].join('\n')).toContain('picket_steps_total{action="')
      expect(found.get('picket_refused_records_total{source="log",reason="time_missing"}')).toBe(1)
      expect(found.get('picket_partitions{source="log",state="idle"}')).toBe(1)
      return found
    },
    { timeout: 20_000 },
  )
  expect(await run.get('/readyz')).toEqual({ status: 200, text: 'ok\n' })
  expect(samples.get('picket_records_total{source="log"}')).toBe(events + 1)
  expect(samples.get('picket_events_total{source="log"}')).toBe(events)
  expect(samples.get('picket_gateway_answers_total{result="allow"}')).toBe(0)
  expect(samples.get('picket_state_bytes{detector="sequential-enumeration"}')).toBeGreaterThan(0)
  expect(samples.get('picket_checkpoint_duration_seconds_count')).toBeGreaterThan(0)
  expect(samples.get('picket_checkpoint_duration_seconds_bucket{le="+Inf"}')).toBe(
    samples.get('picket_checkpoint_duration_seconds_count'),
  )
  const findings = [...samples].filter(([name]) => name.startsWith('picket_findings_total'))
  expect(findings).toEqual([[expect.stringContaining('detector="sequential-enumeration"'), 1]])
})

it('docs/operating.md lists what /metrics gives: name, type, labels and meaning', async () => {
  const { text } = await run.get('/metrics')
  const given = [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)].map(([, name, help, type]) => [
    name,
    type,
    help,
  ])
  const page = readFileSync(join(packageFolder, 'docs', 'operating.md'), 'utf8')
  const rows = [
    ...page.matchAll(
      /^\| `((?:picket|process|nodejs)_\S+?)(?:\{(.*?)\})?` \| (counter|gauge|histogram) \| (.*) \|$/gm,
    ),
  ]
  expect(rows.map(([, name, , type, help]) => [name, type, help])).toEqual(given)
  const labels = new Map(rows.map(([, name, listed]) => [name, listed?.split(', ') ?? []]))
  for (const name of samplesOf(text).keys()) {
    const [, metric = '', inner = ''] = /^(.*?)(?:\{(.*)\})?$/.exec(name) ?? []
    const own = [...inner.matchAll(/([a-z]+)="/g)].map(([, label]) => label).filter((label) => label !== 'le')
    expect(labels.get(metric.replace(/_(bucket|sum|count)$/, '')), metric).toEqual(own)
  }
})
