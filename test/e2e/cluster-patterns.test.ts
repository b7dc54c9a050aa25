import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { decodeObservation } from '../../core/cluster/observation.ts'
import type { Finding } from '../../core/detector/finding.ts'
import { ensureTopics } from '../../storage/kafka/ensure-topics.ts'
import { topicLayout } from '../../storage/kafka/topic-layout.ts'
import { attackLines } from '../cluster/attack.ts'
import { newest, readTopic } from '../cluster/read-topic.ts'
import { RunningCluster } from '../cluster/running-cluster.ts'
import { describeKafka } from '../peers/describe-kafka.ts'
import { produce } from './produce.ts'

const attackers = 6
const minute = 60_000
const watchMs = 1000

describeKafka('a cluster that reads by a pattern', (brokers) => {
  // So that the pattern matches the topics of the cluster, too.
  const prefix = `pattern-${process.pid}-${Date.now()}`
  const folder = mkdtempSync(join(tmpdir(), 'picket-pattern-'))
  const topics = topicLayout({ prefix, partitions: 2 })
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()
  const [first, second] = [`${prefix}.access.a`, `${prefix}.access.b`]
  const begin = Date.now() - 60 * minute
  const processes: RunningCluster[] = []

  beforeAll(async () => {
    await admin.connect()
    await ensureTopics(admin, Object.values(topics))
    const hosts = brokers.map((broker) => `'${broker}'`).join(', ')
    const yaml = `
data_dir: ./data
cluster: { prefix: '${prefix}', partitions: 2, session_timeout: 6s }
sources: [{ type: kafka, brokers: [${hosts}], name: gateway, topics: [{ pattern: '^${prefix}\\.' }], group: ${prefix}, idle: 1h }]
`
    mkdirSync(join(folder, 'data'))
    const start = (name: string, roles: ConstructorParameters<typeof RunningCluster>[2]) =>
      processes.push(new RunningCluster(join(folder, `${name}.yaml`), yaml, roles, watchMs))
    start('all', ['ingest', 'detect'])
    start('ingest', ['ingest'])
  }, 60_000)
  afterAll(async () => {
    await Promise.all(processes.map((process) => process.stop()))
    await admin.disconnect()
    rmSync(folder, { recursive: true })
  })

  const logs = () => processes.map(({ log }) => log).join('')
  /** Who was found walking in the twenty minutes from then on. */
  const walkers = async (from: number) => {
    const messages = await readTopic(brokers, topics.findings.name)
    const findings = [...newest(messages).values()].map((text) => JSON.parse(text) as Finding)
    const walks = findings.filter(
      ({ detector, severity, last }) =>
        detector === 'sequential-enumeration' &&
        severity !== 'info' &&
        last >= from &&
        last < from + 20 * minute,
    )
    return new Set(walks.map(({ entity }) => entity.id)).size
  }
  const attack = (topic: string, from: number) =>
    produce(
      brokers,
      new Map([[topic, attackLines({ end: from + 10 * minute, minutes: 10, attackers, clients: 20 })]]),
    )

  it('waits for a topic that matches, then reads it and judges', async () => {
    await vi.waitFor(() => expect(logs()).toContain('no topic matches yet'), { timeout: 20_000 })
    await attack(first, begin)
    await vi.waitFor(async () => expect(await walkers(begin)).toBe(attackers), {
      timeout: 40_000,
      interval: 500,
    })
  }, 120_000)

  it('reads one more, and time waits for neither once one of them is deleted', async () => {
    await attack(second, begin + 30 * minute)
    await vi.waitFor(() => expect(logs()).toContain(`"topics":["${second}"]`), { timeout: 20_000 })
    // The first one may go on where it stopped, so nothing behind that is judged.
    await vi.waitFor(
      async () => expect((await readTopic(brokers, topics.observations.name)).length).toBeGreaterThan(0),
      { timeout: 20_000 },
    )
    expect(await walkers(begin + 30 * minute)).toBe(0)
    await admin.deleteTopics({ topics: [first] })
    await vi.waitFor(async () => expect(await walkers(begin + 30 * minute)).toBe(attackers), {
      timeout: 60_000,
      interval: 500,
    })
    expect(logs()).toContain('topics are gone from Kafka')
    expect(await walkers(begin)).toBe(attackers)
  }, 120_000)

  it('reads a partition that is added, within seconds', async () => {
    await admin.createPartitions({ topicPartitions: [{ topic: second, count: 3 }] })
    const told = async () =>
      (await readTopic(brokers, topics.observations.name)).flatMap(
        ({ value }) => decodeObservation(value ?? Buffer.alloc(0)).marker?.partition ?? [],
      )
    await vi.waitFor(async () => expect(await told()).toContain(`${second}:2`), {
      timeout: 40_000,
      interval: 500,
    })
  }, 60_000)

  it('took no topic of its own, and nothing came late', () => {
    expect(logs()).not.toContain(`"topics":["${topics.observations.name}`)
    expect(logs()).not.toContain('behind the watermark')
  })
})
