import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { runPicket } from '../../cli/testing/run-picket.ts'
import type { Finding } from '../../core/detector/finding.ts'
import { readControl } from '../../storage/kafka/control-messages.ts'
import { ensureTopics } from '../../storage/kafka/ensure-topics.ts'
import { topicLayout } from '../../storage/kafka/topic-layout.ts'
import { attackLines } from '../cluster/attack.ts'
import { newest, readTopic } from '../cluster/read-topic.ts'
import { RunningCluster } from '../cluster/running-cluster.ts'
import { describeKafka } from '../peers/describe-kafka.ts'
import { freePort } from '../peers/free-port.ts'
import { produceCompressed } from '../peers/produce-compressed.ts'
import { produce } from './produce.ts'

const attackers = 12
const minute = 60_000
/** For Kafka on a machine that pauses. */
const patience = { timeout: 20_000 }

describeKafka('a cluster that is watched over', (brokers) => {
  const prefix = `watched-${process.pid}-${Date.now()}`
  const folder = mkdtempSync(join(tmpdir(), 'picket-watched-'))
  const config = join(folder, 'picket.yaml')
  const topics = topicLayout({ prefix, partitions: 2 })
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  let cluster: RunningCluster
  let port: number
  let events: number
  let base: string

  beforeAll(async () => {
    await admin.connect()
    await ensureTopics(admin, Object.values(topics))
    const producer = kafka.producer()
    await producer.connect()
    const torn = { key: null, value: Buffer.from([9, 1, 2, 3]), partition: 1 }
    await producer.send({ topic: topics.observations.name, messages: [torn] })
    await producer.disconnect()
    const lines = attackLines({ end: Date.now(), minutes: 9, attackers, clients: 40 })
    events = lines.length
    await produce(brokers, new Map([[prefix, lines]]))
    const hosts = brokers.map((broker) => `'${broker}'`).join(', ')
    port = await freePort()
    base = `
data_dir: ./data
cluster: { prefix: '${prefix}', partitions: 2, session_timeout: 6s }
sources: [{ type: kafka, brokers: [${hosts}], name: gateway, topics: [{ name: ${prefix} }], group: ${prefix}, idle: 1h }]
status: { listen: { port: ${port} } }
`
    mkdirSync(join(folder, 'data'))
    cluster = new RunningCluster(config, base, ['ingest', 'detect', 'respond', 'serve'])
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
  /** Who was found walking: a walk may reach into a second period, and is two findings then. */
  const walkers = async () =>
    new Set(
      (await findings())
        .filter(({ detector, severity }) => detector === 'sequential-enumeration' && severity !== 'info')
        .map(({ entity }) => entity.id),
    )

  const giveUp = async (topic: string, partition: number, offset: number) => {
    // kafkajs does not look for the leader by itself here.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset + 1) }] })
  }
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    return { code: response.status, text: await response.text() }
  }

  it('stops judging before what it cannot read, says where and what to do, and goes on when it is given up', async () => {
    const where = `${topics.observations.name}:1 can't be read at offset 0: an observation has format 9`
    await vi.waitFor(() => expect(cluster.log).toContain(where), patience)
    expect(cluster.log).toContain('kafka-delete-records.sh')
    const notReady = await ask('/readyz')
    expect(notReady).toMatchObject({ code: 503, text: expect.stringContaining(`detect 1: ${where}`) })
    expect((await ask('/healthz')).code).toBe(200)
    expect((await ask('/metrics')).text).toContain('picket_cluster_places{role="detect",state="waiting"} 1\n')
    // The other partition goes on, and this one has lost nothing.
    await vi.waitFor(async () => expect((await walkers()).size).toBeGreaterThan(0), patience)
    expect((await walkers()).size).toBeLessThan(attackers)
    await giveUp(topics.observations.name, 1, 0)
    cluster.later(15_000)
    await vi.waitFor(async () => expect((await walkers()).size).toBe(attackers), patience)
  }, 120_000)

  it('is ready then, and has the numbers of all roles under the names of one process', async () => {
    await vi.waitFor(async () => expect(await ask('/readyz')).toEqual({ code: 200, text: 'ok\n' }), patience)
    const behind = `picket_cluster_lag_messages{role="detect",topic="${topics.observations.name}",partition="1"}`
    // Nothing more comes, so everybody gets to the end.
    await vi.waitFor(async () => expect((await ask('/metrics')).text).toContain(`${behind} 0\n`), patience)
    const { text } = await ask('/metrics')
    const value = (series: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.split(' ')[1],
      )
    expect(value('picket_records_total{source="gateway"}')).toBe(events)
    expect(value('picket_events_total{source="gateway"}')).toBe(events)
    expect(value('picket_partitions{source="gateway",state="active"}')).toBe(2)
    const walked = [
      ...text.matchAll(/^picket_findings_total\{detector="sequential-enumeration",.*\} (\d+)$/gm),
    ]
    expect(walked.reduce((sum, [, count]) => sum + Number(count), 0)).toBeGreaterThanOrEqual(attackers)
    expect(value(`picket_kafka_lag_records{source="gateway",topic="${prefix}",partition="0"}`)).toBe(0)
    expect(value(`picket_watermark_lag_seconds{source="gateway",partition="${prefix}:1"}`)).toBeGreaterThan(0)
    expect(value('picket_seal_lag_seconds')).toBeGreaterThan(29)
    for (const [role, topic] of [
      ['detect', topics.observations.name],
      ['respond', topics.traffic.name],
      ['serve', topics.decisions.name],
    ])
      expect(text).toContain(`picket_cluster_lag_messages{role="${role}",topic="${topic}",partition="0"} `)
    expect(value('picket_cluster_places{role="ingest",state="working"}')).toBe(2)
    expect(value('picket_checkpoint_duration_seconds_count')).toBeGreaterThan(2)
    expect(text).toMatch(/^picket_build_info\{version=".*",manifest="m/m)
  }, 120_000)

  const control = async () =>
    (await readTopic(brokers, topics.control.name)).flatMap((message) => readControl(message) ?? [])
  const inForce = async () => {
    const decided = newest(await readTopic(brokers, topics.decisions.name))
    decided.delete('barrier')
    return decided.size
  }

  it('reloads what is done about findings whole, and refuses whole what needs a restart', async () => {
    const responses = async () => (await control()).filter(({ entry }) => entry.kind === 'response')
    const decision = '--scope principal --value mallory --type deny --ttl 1h --reason test'.split(' ')
    expect(await runPicket('decisions', 'add', ...decision, '--config', config)).toMatchObject({
      code: 0,
      err: '',
    })
    expect([await inForce(), (await responses()).length]).toEqual([1, 1])
    const guarded = 'response: { protected: { principals: [mallory] } }\n'

    cluster.reload(`${base}${guarded}routes: ['/x/{id}']\n`)
    await vi.waitFor(() => expect(cluster.log).toContain('reload refused: it needs a restart'), patience)
    expect([await inForce(), (await responses()).length]).toEqual([1, 1])

    cluster.reload(`${base}${guarded}`)
    await vi.waitFor(() => expect(cluster.log).toContain('"msg":"reloaded"'), patience)
    const written = await responses()
    expect(written.map(({ by }) => by)).toEqual(['respond', 'respond'])
    expect(new Set(written.map(({ entry }) => 'digest' in entry && entry.digest)).size).toBe(2)
    // What is protected from now on is let go.
    await vi.waitFor(async () => expect(await inForce()).toBe(0), patience)
  }, 120_000)

  it('has a control log of what changed besides the events', async () => {
    const entries = (await control()).map(({ by, entry: { kind } }) => `${by} ${kind}`)
    expect(new Set(entries)).toEqual(
      new Set([
        ...['cut', 'manifest', 'source-active'].flatMap((kind) => [
          `ingest gateway ${prefix}:0 ${kind}`,
          `ingest gateway ${prefix}:1 ${kind}`,
        ]),
        ...['cut', 'manifest'].flatMap((kind) => [`detect 0 ${kind}`, `detect 1 ${kind}`]),
        // What stood there before, and was given up.
        'detect 1 lost-range',
        'respond response',
        'respond decision',
      ]),
    )
  })

  it('passes over input that nobody can unpack, and tells what is lost', async () => {
    await produceCompressed(brokers, [{ topic: prefix, codec: 'gzip', records: { zeros: 70_000_000 } }])
    const lost = async () =>
      (await control()).filter(({ by, entry }) => entry.kind === 'lost-range' && by.startsWith('ingest'))
    await vi.waitFor(async () => expect(await lost()).toHaveLength(1), patience)
    expect((await lost())[0]).toMatchObject({
      by: `ingest gateway ${prefix}:0`,
      entry: { why: expect.stringContaining("can't be decoded") },
    })
    expect((await ask('/metrics')).text).toContain('picket_lost_records_total{source="gateway"} 1\n')
    expect((await ask('/readyz')).code).toBe(200)
  }, 120_000)

  it('tells once that findings come late, whoever judges what', async () => {
    const told = async () => (await findings()).filter(({ detector }) => detector === 'telemetry-lag')
    await vi.waitFor(
      async () => {
        cluster.later(minute)
        expect(await told()).toHaveLength(1)
      },
      { timeout: 30_000, interval: 300 },
    )
    const idle = (await findings())
      .filter(({ detector }) => detector === 'idle-detector')
      .map(({ entity }) => entity.id)
    expect(new Set(idle).size).toBe(idle.length)
    expect(idle).toContain('picket/detector/webhook-skew')
    expect(idle).not.toContain('picket/detector/sequential-enumeration')
    const [lag] = await told()
    expect(lag).toMatchObject({ severity: 'info', entity: { kind: 'service', id: 'picket/telemetry' } })
    expect(lag?.evidence.what_to_do).toMatch(/`ingest` process/)
  }, 120_000)

  it('responds to nothing behind a finding that it cannot read, until that is given up', async () => {
    const producer = kafka.producer()
    await producer.connect()
    const [sent] = await producer.send({
      topic: topics.findings.name,
      messages: [{ key: 'x', value: 'torn', partition: 0 }],
    })
    await producer.disconnect()
    const offset = Number(sent?.baseOffset)
    const where = `respond respond: ${topics.findings.name}:0 can't be read at offset ${offset}`
    await vi.waitFor(async () => expect((await ask('/readyz')).text).toContain(where), patience)
    await giveUp(topics.findings.name, 0, offset)
    cluster.later(15_000)
    await vi.waitFor(async () => expect((await ask('/readyz')).code).toBe(200), patience)
  }, 120_000)
})
