import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import { openReadOnly } from '../../storage/sqlite/sqlite-state-store.ts'
import { type PicketProcess, startPicket } from '../e2e/picket-process.ts'
import { describeEnvoy } from '../peers/describe-envoy.ts'
import { type EnvoyHarness, startEnvoyHarness } from './envoy-harness.ts'

/** Long enough to be seen in force, short enough to be waited for. */
const ttlSeconds = 12

describeEnvoy('attack → access log → Picket → decision → Envoy', (envoyPath) => {
  let folder: string
  let edge: EnvoyHarness
  let picket: PicketProcess
  const tokens = new Map<string, string>()

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'picket-contain-'))
    edge = await startEnvoyHarness({
      envoyPath,
      table: new DecisionTable(),
      clock: { now: () => Date.now() },
    })
    // Its port and its place are taken by a Picket in a process of its own.
    await edge.stopAuthz()
    for (const sub of ['mallory', 'ada', 'grace'])
      tokens.set(sub, await edge.sign({ sub, jti: `jti-${sub}` }))
    writeFileSync(join(folder, 'contain.yaml'), playbook())
    const config = join(folder, 'picket.yaml')
    writeFileSync(config, configuration(edge))
    picket = startPicket(['run', '--config', config])
    await vi.waitFor(() => expect(picket.output.stderr).toContain('"msg":"ready"'), { timeout: 20_000 })
  })

  afterAll(async () => {
    picket?.child.kill('SIGKILL')
    await picket?.ended
    await edge?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  function playbook(): string {
    return `
version: 1
id: contain-walk
on: finding.detector == 'sequential-enumeration' && finding.score >= 0.8
mode: enforce
limits: { targets_per_hour: 50, share_of_clients: 100% }
steps:
  - { id: refuse, action: deny, target: finding.entity, ttl: ${ttlSeconds}s }
`
  }

  function configuration({ accessLogPath, authzPort }: EnvoyHarness): string {
    return `
data_dir: ./state
sources: [{ type: file, paths: ['${accessLogPath}'], format: envoy, follow: true, lateness: 1s, idle: 1s }]
ingest: { envoy: { trusted_hops: 2 } }
playbooks: [./contain.yaml]
enforcement: { envoy: { listen: { host: 127.0.0.1, port: ${authzPort} } } }
clickhouse: { embedded: false }
`
  }

  function get(sub: string, path: string) {
    const ip = { mallory: '203.0.113.66', ada: '198.51.100.4', grace: '2001:db8:7::9' }[sub] ?? '192.0.2.1'
    return edge.send({ ip, path, headers: { authorization: `Bearer ${tokens.get(sub)}` } })
  }

  it('refuses the attacker and nobody else, until the end of the decision; killed, everything passes', async () => {
    for (let id = 7000; id < 7060; id++) {
      expect(
        (await get('mallory', `/invoices/${id}${id % 3 === 0 ? '' : '?status=403'}`)).status,
      ).toBeLessThan(404)
      if (id % 10 === 0) expect((await get('ada', `/invoices/${id * 37}`)).status).toBe(200)
    }
    // The pane of the walk is sealed when it has ended and the lateness is over.
    await expect
      .poll(async () => (await get('mallory', '/probe')).headers['x-picket-decision'], {
        timeout: 40_000,
        interval: 500,
      })
      .toBeDefined()
    const state = await openReadOnly(join(folder, 'state'))
    const [decision, ...others] = await state.decisions()
    await state.close()
    expect(decision).toMatchObject({ scope: 'principal', value: 'mallory', type: 'deny' })
    expect(others).toEqual([])
    expect((await get('mallory', '/invoices/7060')).status).toBe(403)
    for (const sub of ['ada', 'grace']) expect((await get(sub, '/invoices/7060')).status).toBe(200)

    await expect
      .poll(async () => (await get('mallory', '/after')).status, { timeout: 60_000, interval: 500 })
      .toBe(200)
    expect(Date.now()).toBeGreaterThanOrEqual((decision?.until ?? Number.POSITIVE_INFINITY) - 500)

    picket.child.kill('SIGKILL')
    await picket.ended
    await sleep(200)
    for (const sub of ['mallory', 'ada', 'grace']) expect((await get(sub, '/invoices/1')).status).toBe(200)
  }, 180_000)
})
