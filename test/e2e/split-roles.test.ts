import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { attackLines, containWalks, pagingKey } from '../cluster/attack.ts'
import { clusterOutcome, embeddedOutcome, type RunOutcome } from '../cluster/outcome.ts'
import { askAuthz } from '../gateway-thread/authz-client.ts'
import { describeKafka } from '../peers/describe-kafka.ts'
import { freePort } from '../peers/free-port.ts'
import { type PageReceiver, startPageReceiver } from './page-receiver.ts'
import { type PicketProcess, startPicket } from './picket-process.ts'
import { produce } from './produce.ts'

const attackers = 24

describeKafka('roles split over processes', (brokers) => {
  const prefix = `split-${process.pid}-${Date.now()}`
  const running: PicketProcess[] = []
  let folder: string
  let receiver: PageReceiver
  let port: number
  let lines: readonly string[]
  let expected: RunOutcome
  let pages: string[]

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'picket-split-'))
    receiver = await startPageReceiver()
    port = await freePort()
    lines = attackLines({ end: Date.now(), minutes: 9, attackers, clients: 400 })
    writeFileSync(join(folder, 'recording.ndjson'), `${lines.join('\n')}\n`)
    writeFileSync(join(folder, 'contain.yaml'), containWalks)
    const config = configure(
      'embedded',
      'sources: [{ type: file, paths: [./recording.ndjson], lateness: 30s }]',
    )
    expect(await startPicket(['run', '--config', config], pagingKey).ended).toMatchObject({ code: 0 })
    expected = await embeddedOutcome(config)
    pages = takePages()
    await produce(brokers, new Map([[prefix, lines]]))
  })

  afterAll(async () => {
    for (const { child } of running) child.kill('SIGKILL')
    await Promise.all(running.map(({ ended }) => ended))
    await receiver.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function configure(name: string, more: string): string {
    const path = join(folder, `${name}.yaml`)
    const text = `
data_dir: ./${name}
${more}
playbooks: [./contain.yaml]
clickhouse: { embedded: false }
actions: { page: { routing_key: env:PICKET_TEST_ROUTING_KEY, url: '${receiver.url}', allow_private: true } }
`
    writeFileSync(path, text)
    return path
  }

  /** Keys of the pages so far, and begins anew. */
  function takePages(): string[] {
    return [...new Set(receiver.received.splice(0).map(({ key }) => key))].sort()
  }

  it('finds, decides and tells what one process does, byte for byte', async () => {
    const hosts = brokers.map((broker) => `'${broker}'`).join(', ')
    const config = configure(
      'split',
      `
cluster: { prefix: '${prefix}', partitions: 4, session_timeout: 2s }
sources: [{ type: kafka, brokers: [${hosts}], topics: [{ name: ${prefix} }], group: ${prefix}, idle: 1s }]
enforcement: { envoy: { listen: { port: ${port} } } }`,
    )
    expect(expected.decisions).toHaveLength(attackers)
    expect(pages).toHaveLength(attackers)
    for (const [index, roles] of ['ingest', 'detect', 'ingest,detect', 'respond', 'serve'].entries()) {
      const args = [
        'run',
        '--config',
        config,
        '--roles',
        roles,
        '--data-dir',
        join(folder, `process-${index}`),
      ]
      running.push(startPicket(args, pagingKey))
    }
    await vi.waitFor(
      async () => expect(await clusterOutcome(brokers, prefix), logs(running)).toEqual(expected),
      { timeout: 60_000, interval: 1000 },
    )
    await vi.waitFor(async () => expect(await askAuthz(port, { principal: 'mallory-3' })).toBe(200), {
      timeout: 5000,
    })
    for (let asked = 0; asked < 5; asked++) await askAuthz(port, { principal: 'mallory-3' })
    expect(await askAuthz(port, { principal: 'mallory-3' })).toBe(429)
    expect(await askAuthz(port, { principal: 'somebody' })).toBe(200)
    await vi.waitFor(() => expect(new Set(receiver.received.map(({ key }) => key)).size).toBe(attackers))
    for (const { child } of running) child.kill('SIGTERM')
    for (const { ended } of running.splice(0)) expect(await ended).toMatchObject({ code: 0 })
    expect(receiver.received).toHaveLength(attackers)
    expect(takePages()).toHaveLength(attackers)
  }, 120_000)
})

function logs(running: readonly PicketProcess[]): string {
  return running.map(({ output }) => output.stderr.slice(-2000)).join('\n')
}
