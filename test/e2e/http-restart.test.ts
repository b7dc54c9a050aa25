import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { partitionKey } from '../../core/event/position.ts'
import { openReadOnly } from '../../storage/sqlite/sqlite-state-store.ts'
import { freePort } from '../peers/free-port.ts'
import { benignTraffic } from '../scenarios/benign-traffic.ts'
import { fixtureText } from '../scenarios/fixture-text.ts'
import { seededRandom } from '../scenarios/random.ts'
import { walkers } from '../scenarios/walkers.ts'
import { type PicketProcess, picket, startPicket } from './picket-process.ts'

const minute = 60_000
const random = seededRandom(23)
const token = '0123456789abcdef'
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'picket-http-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Batch {
  readonly key: string
  readonly body: string
  readonly lines: number
}

/** Ten minutes of an hour ago in batches of one request each, with rubbish between, and an event of now that seals them. */
function batches(): readonly Batch[] {
  const start = Date.now() - 60 * minute
  const walks = walkers(12, start + 2 * minute, 20_000)
  const shoppers = benignTraffic({ seed: 5, start, durationMs: 10 * minute, clients: 1000 })
  const events = [...shoppers, ...walks].sort((left, right) => left.time - right.time)
  const found: Batch[] = []
  for (let from = 0; from < events.length; from += 150) {
    const part = events.slice(from, from + 150)
    const body = `${fixtureText(part)}no event\n`
    found.push({ key: `batch-${from}`, body, lines: part.length + 1 })
  }
  const last = `${JSON.stringify({ time: Date.now(), path: '/' })}\n`
  return [...found, { key: 'last', body: last, lines: 1 }]
}

function configure(name: string, port: number) {
  const config = join(folder, `${name}.yaml`)
  writeFileSync(
    config,
    `
data_dir: ./${name}
sources: [{ type: http, listen: { port: ${port} }, token: env:PICKET_TEST_TOKEN, lateness: 2m }]
clickhouse: { embedded: false }
`,
  )
  return { config, args: ['run', '--config', config], url: `http://127.0.0.1:${port}/v1/events` }
}

/** Sends until it is answered with success, as a sender with an outbox does. Returns the answer. */
async function deliver(url: string, { key, body }: Batch, isOver: () => boolean): Promise<unknown> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/x-ndjson',
    'idempotency-key': key,
  }
  while (!isOver()) {
    try {
      const response = await fetch(url, { method: 'POST', headers, body })
      if (response.ok) return await response.json()
      await response.body?.cancel()
    } catch {
      // Killed before it answered, or not there yet.
    }
    await sleep(20)
  }
  throw new Error('the run is over')
}

async function outcome(config: string, dataDir: string) {
  const { stdout: findings } = await picket(['findings', 'list', '--json', '--config', config])
  const store = await openReadOnly(dataDir)
  const { positions } = await store.restore()
  const deadLetters = await store.deadLetters()
  await store.close()
  return {
    // Operational ones go by the clock, and so by how long the machine takes.
    findings: findings.replace(/^.*"severity":"info".*\n/gm, ''),
    deadLetters: deadLetters.length,
    records: positions.get(partitionKey('http', 'events')),
  }
}

it('kill -9 while events are sent: what is sent again under its key is judged once', async () => {
  const sent = batches()
  const lines = sent.reduce((sum, batch) => sum + batch.lines, 0)
  const variables = { PICKET_TEST_TOKEN: token }
  const calm = configure('calm', await freePort())
  const run = startPicket(calm.args, variables)
  const answers: unknown[] = []
  for (const batch of sent) answers.push(await deliver(calm.url, batch, () => run.child.exitCode !== null))
  run.child.kill('SIGTERM')
  const { code, stderr } = await run.ended
  expect(code, stderr).toBe(0)
  expect(stderr).toContain(`${sent.length - 1} refused`)
  expect(stderr).toContain('0 late')
  const expected = await outcome(calm.config, join(folder, 'calm'))
  expect(expected.findings.trim().split('\n').length).toBeGreaterThanOrEqual(12)
  expect(expected).toMatchObject({ records: lines, deadLetters: sent.length - 1 })

  const stormy = configure('stormy', await freePort())
  let isOver = false
  let kills = 0
  let current: PicketProcess | undefined
  const storm = (async () => {
    while (!isOver) {
      const started = startPicket(stormy.args, variables)
      current = started
      while (!started.output.stderr.includes('"msg":"ready"') && started.child.exitCode === null)
        await sleep(5)
      await sleep(random.int(0, 1500))
      if (isOver || kills >= 8) return
      started.child.kill('SIGKILL')
      kills++
      await started.ended
    }
  })()
  const got = new Map<string, unknown>()
  const waiting = [...sent.slice(0, -1)]
  const killed = async (times: number) => {
    while (kills < times) await sleep(5)
  }
  const sender = async () => {
    for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
      // However fast the machine, three kills fall between the first batch and the last.
      await killed(Math.floor((3 * (sent.length - waiting.length)) / sent.length))
      got.set(batch.key, await deliver(stormy.url, batch, () => false))
    }
  }
  // As many at once as the lateness bears.
  await Promise.all([sender(), sender(), sender()])
  await killed(3)
  const [last] = sent.slice(-1)
  if (last) got.set(last.key, await deliver(stormy.url, last, () => false))
  isOver = true
  await storm
  // Everything once more: nothing of it is new.
  for (const batch of sent) expect(await deliver(stormy.url, batch, () => false)).toEqual(got.get(batch.key))
  current?.child.kill('SIGTERM')
  expect((await current?.ended)?.code).toBe(0)
  expect(kills).toBeGreaterThanOrEqual(3)
  expect(sent.map(({ key }) => got.get(key))).toEqual(answers)
  expect(await outcome(stormy.config, join(folder, 'stormy'))).toEqual(expected)
}, 600_000)
