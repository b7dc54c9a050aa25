import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { benignTraffic } from '../scenarios/benign-traffic.ts'
import { fixtureText } from '../scenarios/fixture-text.ts'
import { seededRandom } from '../scenarios/random.ts'
import { walkers } from '../scenarios/walkers.ts'
import { type PageReceiver, startPageReceiver } from './page-receiver.ts'
import { picket, startPicket } from './picket-process.ts'

const minute = 60_000
const random = seededRandom(9)
let folder: string
let receiver: PageReceiver

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'picket-kill-'))
  receiver = await startPageReceiver()
})

afterAll(async () => {
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Ten minutes that end now, so that findings are young enough to be acted on: 24 callers walk ids among shoppers. */
function recording(): string {
  const start = Date.now() - 10 * minute
  const walks = walkers(24, start + 4 * minute, 10_000)
  const shoppers = benignTraffic({ seed: 5, start, durationMs: 10 * minute, clients: 2000 })
  return fixtureText([...shoppers, ...walks].sort((left, right) => left.time - right.time))
}

function configure(name: string): { readonly config: string; readonly args: string[] } {
  const config = join(folder, `${name}.yaml`)
  writeFileSync(
    config,
    `
data_dir: ./${name}
sources: [{ type: file, paths: [./recording.ndjson], lateness: 30s }]
clickhouse: { embedded: false }
playbooks: [./contain.yaml]
# As long as a slow machine may take.
response: { actionable_for: 1h }
actions:
  page: { routing_key: env:PICKET_TEST_ROUTING_KEY, url: '${receiver.url}', allow_private: true }
`,
  )
  return { config, args: ['run', '--config', config] }
}

/** Budgets wide enough for every target: which ones a full budget turns away depends on who asks first. */
const playbook = `
version: 1
id: contain-walks
on: finding.detector == 'sequential-enumeration' && finding.score >= 0.8
mode: enforce
limits: { targets_per_hour: 100, share_of_clients: 100% }
steps:
  - { id: slow-down, action: throttle, target: finding.entity, with: { rate: 5/m }, ttl: 1h }
  - { id: page, action: page }
`

const variables = { PICKET_TEST_ROUTING_KEY: '0123456789abcdef0123456789abcdef' }

/** What a run leaves behind: finding lines, decisions without their end, pages by key. */
async function outcome(config: string) {
  const findings = await picket(['findings', 'list', '--json', '--config', config])
  const decisions = await picket(['decisions', 'list', '--json', '--config', config])
  const set = decisions.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>)
    .map(({ scope, value, type, finding }) => `${scope} ${value} ${type} ${finding}`)
  return {
    // Operational ones go by the clock, and so by how long the machine takes.
    findings: findings.stdout.replace(/^.*"severity":"info".*\n/gm, ''),
    decisions: set.sort(),
    pages: receiver.received.map(({ action, key }) => `${action} ${key}`).sort(),
  }
}

/** Runs to the end, killed again and again until then. Returns how often. */
async function storm(args: readonly string[]): Promise<number> {
  for (let kills = 0; ; ) {
    // However many threads judge, and whichever of them knew what.
    const workers = String(1 + (kills % 3))
    const { child, output, ended } = startPicket([...args, '--workers', workers], variables)
    // From the moment it is ready: before, it has changed nothing that the kill could tear.
    while (!output.stderr.includes('"msg":"ready"') && child.exitCode === null) await sleep(5)
    await sleep(random.int(0, 400))
    const isKilled = kills < 12 && child.kill('SIGKILL')
    if (isKilled) kills++
    const { code } = await ended
    if (code === 0) return kills
    expect(isKilled, output.stderr).toBe(true)
  }
}

it('kill -9 at any moment, then restart: the same findings, decisions and effects', async () => {
  writeFileSync(join(folder, 'recording.ndjson'), recording())
  writeFileSync(join(folder, 'contain.yaml'), playbook)
  const calm = configure('calm')
  const { code, stderr } = await startPicket(calm.args, variables).ended
  expect(stderr).toContain('0 refused, 0 late')
  expect(code).toBe(0)
  const expected = await outcome(calm.config)
  // A walk over the edge of a period is two findings, one run.
  expect(expected.findings.trim().split('\n').length).toBeGreaterThanOrEqual(24)
  expect(expected.decisions).toHaveLength(24)
  expect(expected.pages).toHaveLength(24)

  // A run that was over before three kills, on a machine that paused, shows too little: it is done over.
  let stormy = calm
  let kills = 0
  for (let time = 1; time <= 3 && kills < 3; time++) {
    receiver.received.length = 0
    stormy = configure(`stormy-${time}`)
    kills = await storm(stormy.args)
  }
  expect(kills).toBeGreaterThanOrEqual(3)
  const survived = await outcome(stormy.config)
  expect(survived.findings).toBe(expected.findings)
  expect(survived.decisions).toEqual(expected.decisions)
  expect([...new Set(survived.pages)]).toEqual(expected.pages)
}, 600_000)
