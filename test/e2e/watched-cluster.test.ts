import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Finding } from '../../core/detector/finding.ts'
import { ensureTopics } from '../../storage/kafka/ensure-topics.ts'
import { topicLayout } from '../../storage/kafka/topic-layout.ts'
import { attackLines } from '../cluster/attack.ts'
import { newest, readTopic } from '../cluster/read-topic.ts'
import { loadText, RunningCluster } from '../cluster/running-cluster.ts'
import { describeKafka } from '../peers/describe-kafka.ts'
import { produce } from './produce.ts'

const attackers = 12
const minute = 60_000

describeKafka('a cluster that is watched over', (brokers) => {
  const prefix = `watched-${process.pid}-${Date.now()}`
  const folder = mkdtempSync(join(tmpdir(), 'picket-watched-'))
  const topics = topicLayout({ prefix, partitions: 2 })
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  let cluster: RunningCluster

  beforeAll(async () => {
    await admin.connect()
    await ensureTopics(admin, Object.values(topics))
    const producer = kafka.producer()
    await producer.connect()
    const torn = { key: null, value: Buffer.from([9, 1, 2, 3]), partition: 1 }
    await producer.send({ topic: topics.observations.name, messages: [torn] })
    await producer.disconnect()
    const lines = attackLines({ end: Date.now(), minutes: 9, attackers, clients: 40 })
    await produce(brokers, new Map([[prefix, lines]]))
    const hosts = brokers.map((broker) => `'${broker}'`).join(', ')
    const loaded = loadText(
      folder,
      'picket',
      `
data_dir: ./data
cluster: { prefix: '${prefix}', partitions: 2, session_timeout: 6s }
sources: [{ type: kafka, brokers: [${hosts}], topics: [{ name: ${prefix} }], group: ${prefix}, idle: 1h }]
`,
    )
    cluster = new RunningCluster(loaded, ['ingest', 'detect'])
  }, 60_000)
  afterAll(async () => {
    await cluster.stop()
    await admin.disconnect()
    rmSync(folder, { recursive: true })
  })

  const findings = async () =>
    [...newest(await readTopic(brokers, topics.findings.name)).values()].map(
      (text) => JSON.parse(text) as Finding,
    )
  const walks = async () =>
    (await findings()).filter(
      ({ detector, severity }) => detector === 'sequential-enumeration' && severity !== 'info',
    )

  it('stops judging before what it cannot read, says where and what to do, and goes on when it is given up', async () => {
    const where = `${topics.observations.name}:1 can't be read at offset 0: an observation has format 9`
    await vi.waitFor(() => expect(cluster.log).toContain(where), { timeout: 20_000 })
    expect(cluster.log).toContain('kafka-delete-records.sh')
    // The other partition goes on, and this one has lost nothing.
    await vi.waitFor(async () => expect((await walks()).length).toBeGreaterThan(0), { timeout: 20_000 })
    expect((await walks()).length).toBeLessThan(attackers)
    await admin.deleteTopicRecords({
      topic: topics.observations.name,
      partitions: [{ partition: 1, offset: '1' }],
    })
    cluster.later(15_000)
    await vi.waitFor(async () => expect(await walks()).toHaveLength(attackers), { timeout: 20_000 })
  }, 60_000)

  it('tells once that findings come late, whoever judges what', async () => {
    const told = async () => (await findings()).filter(({ detector }) => detector === 'telemetry-lag')
    await vi.waitFor(
      async () => {
        cluster.later(minute)
        expect(await told()).toHaveLength(1)
      },
      { timeout: 30_000, interval: 300 },
    )
    const [lag] = await told()
    expect(lag).toMatchObject({ severity: 'info', entity: { kind: 'service', id: 'picket/telemetry' } })
    expect(lag?.evidence.what_to_do).toMatch(/`ingest` process/)
  }, 60_000)
})
