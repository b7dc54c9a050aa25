import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { Member } from '../chaos/member.ts'
import { attackLines, containWalks, pagingKey } from '../cluster/attack.ts'
import { clusterOutcome, embeddedOutcome, type RunOutcome } from '../cluster/outcome.ts'
import { askAuthz } from '../gateway-thread/authz-client.ts'
import { describeKafka } from '../peers/describe-kafka.ts'
import { freePort } from '../peers/free-port.ts'
import { type PageReceiver, startPageReceiver } from './page-receiver.ts'
import { startPicket } from './picket-process.ts'
import { produce } from './produce.ts'

const attackers = 24

describeKafka('roles split over processes', (brokers) => {
  const prefix = `split-${process.pid}-${Date.now()}`
  const running: Member[] = []
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
    pages = keysOf(receiver.received.splice(0))
    await produce(brokers, new Map([[prefix, lines]]))
  })

  afterAll(async () => {
    await Promise.all(running.map((member) => member.stop()))
    await receiver.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function configure(name: string, more: string): string {
    const path = join(folder, `${name}.yaml`)
    const text = `
data_dir: ./${name}
${more}
playbooks: [./contain.yaml]
# As long as a slow machine may take.
response: { actionable_for: 1h }
clickhouse: { embedded: false }
actions: { page: { routing_key: env:PICKET_TEST_ROUTING_KEY, url: '${receiver.url}', allow_private: true } }
`
    writeFileSync(path, text)
    return path
  }

  it('killed while they work, they find, decide and tell what one process does, byte for byte', async () => {
    const hosts = brokers.map((broker) => `'${broker}'`).join(', ')
    const config = configure(
      'split',
      `
cluster: { prefix: '${prefix}', partitions: 4, session_timeout: 2s }
sources: [{ type: kafka, brokers: [${hosts}], topics: [{ name: ${prefix} }], group: ${prefix}, idle: 5s }]
enforcement: { envoy: { listen: { port: ${port} } } }`,
    )
    expect(expected.decisions).toHaveLength(attackers)
    expect(pages).toHaveLength(attackers)
    for (const roles of ['ingest', 'detect', 'ingest,detect', 'respond', 'serve']) {
      const args = ['run', '--config', config, '--roles', roles, '--data-dir', join(folder, roles)]
      running.push(new Member(roles, args, pagingKey))
    }
    const [ingest, detect, , respond] = running
    // While each reads its first records, or restores from what it has only just begun.
    for (const [member, line] of [
      [detect, 'judging this partition'],
      [respond, 'responding'],
      [ingest, '"msg":"ready"'],
    ] as const) {
      await vi.waitFor(() => expect(member?.log).toContain(line), { timeout: 60_000, interval: 20 })
      member?.kill()
    }
    await vi.waitFor(
      async () => expect(await clusterOutcome(brokers, prefix), logs(running)).toEqual(expected),
      { timeout: 90_000, interval: 500 },
    )
    const throttled = async () => {
      for (let asked = 0; asked < 6; asked++) await askAuthz(port, { principal: 'mallory-3' })
      expect(await askAuthz(port, { principal: 'mallory-3' })).toBe(429)
    }
    await vi.waitFor(throttled, { timeout: 20_000 })
    expect(await askAuthz(port, { principal: 'somebody' })).toBe(200)
    await vi.waitFor(() => expect(keysOf(receiver.received)).toEqual(pages), { timeout: 20_000 })
    const pid = respond?.pid
    if (pid === undefined) throw new Error('respond does not run')
    process.kill(pid, 'SIGHUP')
    const nothing = 'reload: nothing has changed'
    await vi.waitFor(() => expect(respond?.log).toContain(nothing), { timeout: 20_000 })
  }, 240_000)
})

function keysOf(received: PageReceiver['received']): string[] {
  return [...new Set(received.map(({ key }) => key))].sort()
}

function logs(running: readonly Member[]): string {
  return running.map(({ name, log }) => `== ${name}\n${log.slice(-3000)}`).join('\n')
}
