import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Event } from '../../core/event/event.ts'
import { inARow } from '../../core/event/timeline.ts'
import { freePort } from '../peers/free-port.ts'
import { fixtureText } from '../scenarios/fixture-text.ts'
import { walk } from '../scenarios/sequential-enumeration.ts'
import { picket, startPicket } from './picket-process.ts'

const run = promisify(execFile)
const token = '0123456789abcdef'
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'picket-pushed-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function walkOf(principal: string): Event[] {
  return walk({
    seed: 1,
    start: Date.now() - 20 * 60_000,
    durationMs: 60_000,
    principal,
    ip: '203.0.113.9',
    ids: Array.from({ length: 80 }, (_, step) => String(40_000 + step)),
    refusedShare: 0.6,
    missedShare: 0.1,
  })
}

/** By curl, as README.md shows it. */
async function curl(url: string, contentType: string, body: string): Promise<unknown> {
  const file = join(folder, 'body')
  writeFileSync(file, body)
  const headers = [`authorization: Bearer ${token}`, `content-type: ${contentType}`, 'idempotency-key: k-1']
  const args = [
    '--silent',
    '--show-error',
    '--fail-with-body',
    '--max-time',
    '30',
    '--data-binary',
    `@${file}`,
  ]
  const { stdout } = await run('curl', [...args, ...headers.flatMap((header) => ['--header', header]), url])
  return JSON.parse(stdout)
}

function otlp(events: readonly Event[]): string {
  const logRecords = events.map(({ time, ...fields }) => ({
    timeUnixNano: `${time}000000`,
    attributes: Object.entries(fields).map(([key, value]) => ({
      key,
      value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: String(value) },
    })),
  }))
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
}

it('the same attack by curl to /v1/events and to /v1/logs is found, and an idle source holds up no other', async () => {
  const [http, logs, als] = [await freePort(), await freePort(), await freePort()]
  const config = join(folder, 'picket.yaml')
  const tokenLine = 'token: env:PICKET_TEST_TOKEN'
  // On a slow machine more than a second lies between the two that are sent to: one of them idle by then would leave time to the
  // other, and what comes behind that would be late.
  writeFileSync(
    config,
    `
data_dir: ./state
sources:
  - { type: http, listen: { port: ${http} }, ${tokenLine}, idle: 1m }
  - { type: otlp, listen: { port: ${logs} }, ${tokenLine}, idle: 1m }
  - { type: envoy-als, listen: { port: ${als} }, ${tokenLine}, idle: 1s }
clickhouse: { embedded: false }
`,
  )
  const { child, output, ended } = startPicket(['run', '--config', config], { PICKET_TEST_TOKEN: token })
  await vi.waitFor(() => expect(output.stderr).toContain('"msg":"ready"'), { timeout: 20_000 })
  const [byHttp, byOtlp] = [walkOf('ann'), walkOf('ben')]
  // So many that time is believed to have come so far.
  const last = Array<Event>(inARow).fill({ time: Date.now(), path: '/' })
  expect(
    await curl(
      `http://127.0.0.1:${http}/v1/events`,
      'application/x-ndjson',
      fixtureText([...byHttp, ...last]),
    ),
  ).toEqual({ accepted: byHttp.length + inARow, refused: 0 })
  expect(
    await curl(`http://127.0.0.1:${logs}/v1/logs`, 'application/json', otlp([...byOtlp, ...last])),
  ).toEqual({})
  await vi.waitFor(
    async () => {
      const { stdout } = await picket(['findings', 'list', '--json', '--config', config])
      const lines = stdout
        .trim()
        .split('\n')
        .filter((line) => line !== '')
      const found = lines.map((line) => JSON.parse(line) as { detector: string; entity: { id: string } })
      const walkers = found.filter(({ detector }) => detector === 'sequential-enumeration')
      expect(walkers.map(({ entity }) => entity.id).sort()).toEqual(expect.arrayContaining(['ann', 'ben']))
    },
    { timeout: 60_000, interval: 500 },
  )
  child.kill('SIGTERM')
  const { code, stderr } = await ended
  expect(code, stderr).toBe(0)
  expect(stderr).toContain(`${byHttp.length + byOtlp.length + 2 * inARow} events, 0 refused`)
}, 120_000)
