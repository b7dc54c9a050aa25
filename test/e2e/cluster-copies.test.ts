import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import {
  type EmbeddedClickHouse,
  startEmbeddedClickHouse,
} from '../../storage/clickhouse/embedded/embedded-clickhouse.ts'
import { outstanding } from '../../storage/spill/refilled-log.ts'
import { Member } from '../chaos/member.ts'
import { attackLines, containWalks, pagingKey } from '../cluster/attack.ts'
import { describeKafka } from '../peers/describe-kafka.ts'
import { type PageReceiver, startPageReceiver } from './page-receiver.ts'
import { startPicket } from './picket-process.ts'
import { produce } from './produce.ts'

const attackers = 6

describeKafka('copies of a cluster', (brokers) => {
  const prefix = `copies-${process.pid}-${Date.now()}`
  const end = Date.now()
  const lines = attackLines({ end, minutes: 9, attackers, clients: 250 })
  const running: Member[] = []
  let folder: string
  let engine: EmbeddedClickHouse
  let client: ReturnType<typeof createClient>
  let receiver: PageReceiver

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'picket-cluster-copies-'))
    engine = await startEmbeddedClickHouse({ folder: join(folder, 'clickhouse') })
    client = createClient({ url: engine.url, password: engine.token, log: { level: ClickHouseLogLevel.OFF } })
    receiver = await startPageReceiver()
  })

  afterAll(async () => {
    await Promise.all(running.map((member) => member.stop()))
    await receiver.close()
    await client.close()
    await engine.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  function configure(name: string, more: string): string {
    const path = join(folder, `${name}.yaml`)
    writeFileSync(
      path,
      `
data_dir: ./${name}
${more}
clickhouse: { url: '${engine.url}', password: env:PICKET_TEST_CLICKHOUSE, database: ${name} }
playbooks: [./contain.yaml]
# As long as a slow machine may take.
response: { actionable_for: 1h }
actions: { page: { routing_key: env:PICKET_TEST_ROUTING_KEY, url: '${receiver.url}', allow_private: true } }
`,
    )
    return path
  }

  const secrets = () => ({ ...pagingKey, PICKET_TEST_CLICKHOUSE: engine.token })

  async function ask<Row>(query: string): Promise<Row[]> {
    return (await client.query({ query, format: 'JSONEachRow' })).json<Row>()
  }

  async function events(database: string) {
    const [found] = await ask<Record<string, number>>(
      `SELECT toUInt32(count()) AS rows, toUInt32(uniqExact(partition, offset)) AS positions FROM ${database}.events`,
    )
    return found
  }

  /** What is copied besides events, without times that go by the clock. Panes of the last minute are sealed by and by. */
  async function rest(database: string) {
    const panes = `SELECT * EXCEPT stored FROM ${database}.panes FINAL WHERE toUnixTimestamp64Milli(start) + pane_ms < ${end - 60_000}
      ORDER BY detector, entity, start`
    const findings = `SELECT * EXCEPT (stored, manifest) FROM ${database}.findings FINAL WHERE severity != 'info' ORDER BY id`
    const decisions = `SELECT scope, value, type, finding, removed FROM ${database}.decisions FINAL ORDER BY value, finding`
    const runs = `SELECT playbook, state, finding FROM ${database}.runs FINAL ORDER BY finding`
    return Promise.all([panes, findings, decisions, runs].map((query) => ask(query)))
  }

  it('are those of one process, each once, whoever is killed: ingest, copy, ClickHouse', async () => {
    writeFileSync(join(folder, 'contain.yaml'), containWalks)
    writeFileSync(join(folder, 'recording.ndjson'), `${lines.join('\n')}\n`)
    const single = configure(
      'single',
      'sources: [{ type: file, paths: [./recording.ndjson], lateness: 30s }]',
    )
    expect(await startPicket(['run', '--config', single], secrets()).ended).toMatchObject({ code: 0 })
    const expected = await rest('single')
    for (const rows of expected) expect(rows.length).toBeGreaterThanOrEqual(attackers)

    const hosts = brokers.map((broker) => `'${broker}'`).join(', ')
    const split = configure(
      'split',
      `
cluster: { prefix: '${prefix}', partitions: 2, session_timeout: 2s }
sources: [{ type: kafka, brokers: [${hosts}], topics: [{ name: ${prefix} }], group: ${prefix}, idle: 20s }]`,
    )
    const start = (name: string, roles: string) => {
      const args = ['run', '--config', split, '--roles', roles, '--data-dir', join(folder, name)]
      const member = new Member(name, args, secrets())
      running.push(member)
      return member
    }
    const parts = Array.from({ length: 8 }, (_, index) =>
      lines.slice((index * lines.length) / 8, ((index + 1) * lines.length) / 8),
    )
    // What is refused is no event, and must leave no row.
    await produce(brokers, new Map([[prefix, [...(parts.shift() ?? []), 'no event']]]))
    // The responder is left alone: its successor would wait for half a minute.
    const [one, two] = [
      start('one', 'ingest,copy'),
      start('two', 'ingest,detect'),
      start('three', 'copy,respond'),
    ]
    await vi.waitFor(async () => expect((await events('split'))?.rows).toBeGreaterThan(0), {
      timeout: 60_000,
      interval: 200,
    })
    const killEngine = () => {
      const pid = engine.pid()
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
    }
    const kills = [() => one.kill(), () => two.kill(), killEngine, () => one.kill(), () => two.kill()]
    for (const part of parts) {
      await produce(brokers, new Map([[prefix, part]]))
      // In the middle of one thing or another.
      await sleep(100 * kills.length)
      kills.shift()?.()
      await sleep(500)
    }
    const all = { rows: lines.length, positions: lines.length }
    await vi.waitFor(
      async () => {
        expect(await events('split'), logs(running)).toEqual(all)
        expect(await rest('split')).toEqual(expected)
      },
      { timeout: 90_000, interval: 500 },
    )
    // Nothing comes behind that would be one too many.
    await sleep(2000)
    expect(await events('split')).toEqual(all)
  }, 240_000)

  it('that ClickHouse refused are recorded, and fetched again', async () => {
    const refused = lines.slice(0, 200).map((line) => line.replace(/"time":\d+/, `"time":${end}`))
    const ahead = JSON.stringify({ time: Date.now() + 3_600_000, path: '/too/early', status: 200 })
    await client.command({ query: 'ALTER TABLE split.events RENAME COLUMN trace TO trace_away' })
    await produce(
      brokers,
      new Map([[prefix, [...refused.slice(0, 100), ahead, 'no event', ...refused.slice(100)]]]),
    )
    const folders = ['one', 'three'].map((name) => join(folder, name))
    const missing = async () => {
      const ranges = await Promise.all(folders.map((one) => outstanding(join(one, 'spill'))))
      return ranges.flat().reduce((sum, { rows }) => sum + rows, 0)
    }
    await vi.waitFor(async () => expect(await missing()).toBe(200), { timeout: 20_000, interval: 200 })
    await client.command({ query: 'ALTER TABLE split.events RENAME COLUMN trace_away TO trace' })
    const refills = folders.map(
      (one) =>
        startPicket(['refill', '--config', join(folder, 'split.yaml'), '--data-dir', one], secrets()).ended,
    )
    for (const { code, stderr } of await Promise.all(refills)) expect(code, stderr).toBe(0)
    expect(await missing()).toBe(0)
    const all = lines.length + refused.length
    expect(await events('split')).toEqual({ rows: all, positions: all })
  }, 120_000)

  it('give a baseline that every process which judges goes by within seconds, and after a kill', async () => {
    // Two weeks of a login route, five minutes a pane.
    const start = Math.floor(Date.now() / 300_000) * 300_000 - 14 * 24 * 3_600_000
    await client.command({
      query: `INSERT INTO split.panes (space, lane, detector, version, entity, start, pane_ms, measures, flagged)
        SELECT 'default', 'live', 'credential-stuffing', 1, 'route:/login',
          fromUnixTimestamp64Milli(toInt64(${start} + number * 300000)), 300000, map('failures', toFloat64(number % 7)), 0
        FROM numbers(4032)`,
    })
    const baseline = async (...args: readonly string[]) => {
      const all = ['baseline', ...args, '--config', join(folder, 'split.yaml')]
      const { code, stdout, stderr } = await startPicket(all, secrets()).ended
      expect(code, stderr).toBe(0)
      return stdout
    }
    const built = JSON.parse(await baseline('build', '--json')) as { digest: string; topic: string }
    expect(built).toMatchObject({ digest: expect.stringMatching(/^b1:/), topic: `${prefix}.baseline` })
    const two = running.find(({ name }) => name === 'two')
    const begun = () =>
      two?.log
        .split(`"baseline":"${built.digest}"`)
        .slice(1)
        .filter((text) => text.includes('judging this partition'))
    await vi.waitFor(() => expect(begun()).toHaveLength(1), { timeout: 20_000 })
    two?.kill()
    await vi.waitFor(() => expect(begun()).toHaveLength(2), { timeout: 30_000 })
    expect(await baseline('show')).toContain(built.digest)
  }, 120_000)
})

function logs(running: readonly Member[]): string {
  return running.map(({ name, log }) => `== ${name}\n${log.slice(-3000)}`).join('\n')
}
