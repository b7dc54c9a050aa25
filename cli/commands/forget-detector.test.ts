import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { packsOf, unpack } from '../../core/engine/entity-pack.ts'
import type { EntityRecord } from '../../core/ports/state-store.ts'
import { controlMessages } from '../../storage/kafka/control-messages.ts'
import { ensureTopics } from '../../storage/kafka/ensure-topics.ts'
import { topicLayout } from '../../storage/kafka/topic-layout.ts'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { newest, readTopic } from '../../test/cluster/read-topic.ts'
import { describeKafka } from '../../test/peers/describe-kafka.ts'
import { KeptPacks } from '../cluster/detect/changelog/kept-packs.ts'
import { stateMessages } from '../cluster/detect/changelog/state-messages.ts'
import { runPicket } from '../testing/run-picket.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-forget-'))
const config = join(folder, 'picket.yaml')
afterAll(() => rmSync(folder, { recursive: true }))

const record = (detector: string, version: number, ip: string): EntityRecord => ({
  detector,
  version,
  entity: `p7 ip:${ip}`,
  bytes: Buffer.from(ip),
})
const records = [
  record('jti-reuse', 1, '192.0.2.1'),
  record('traffic-shape', 1, '192.0.2.2'),
  record('taken-out', 1, '192.0.2.3'),
  record('taken-out', 2, '192.0.2.4'),
]
const own = 'clickhouse: { embedded: false }\n'

it('tells of state that no configured detector uses, and drops it when a person says so', async () => {
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir)
  writeFileSync(config, `data_dir: ./data\n${own}`)
  const store = await openStateStore(dataDir)
  await store.commit({ packs: [...packsOf(records)] })
  await store.close()
  const told = async () => {
    const { out } = await runPicket('doctor', '--config', config)
    return out.match(/held of \S+ version \d/g) ?? []
  }
  const forget = (id: string) => runPicket('detectors', 'forget', id, '--config', config)
  expect(await told()).toEqual(['held of taken-out version 1', 'held of taken-out version 2'])

  const used = await forget('jti-reuse')
  expect([used.code, used.err]).toEqual([4, expect.stringContaining('take the detector out first')])
  const { code, out } = await forget('taken-out')
  expect([code, out.trim().split('\n')]).toEqual([
    0,
    [1, 2].map((version) => `dropped the state of taken-out version ${version} (0.0 MB)`),
  ])
  expect((await forget('taken-out')).code).toBe(4)
  expect(await told()).toEqual([])
  const left = await openStateStore(dataDir)
  const packs = []
  for await (const pack of left.packs()) packs.push(pack)
  await left.close()
  expect([...unpack(packs)].map(({ detector }) => detector)).toEqual(['jti-reuse', 'traffic-shape'])
})

describeKafka('state of a detector that a cluster runs no more', (brokers) => {
  const prefix = `forget-${process.pid}-${Date.now()}`
  const topics = topicLayout({ prefix, partitions: 2 })
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const producer = kafka.producer()
  beforeAll(async () => {
    await Promise.all([admin.connect(), producer.connect()])
    await ensureTopics(admin, Object.values(topics))
    const hosts = brokers.map((broker) => `'${broker}'`).join(', ')
    const source = `{ type: kafka, brokers: [${hosts}], topics: [{ name: a }], group: ${prefix} }`
    writeFileSync(config, `cluster: { prefix: '${prefix}', partitions: 2 }\nsources: [${source}]\n${own}`)
  })
  afterAll(() => Promise.all([admin.disconnect(), producer.disconnect()]))

  const write = (partition: number, agoMs: number, detector: string) => {
    const changes = { findings: [], closed: [], time: { watermark: 1, sources: '', next: 1 } }
    const own = records.filter((one) => one.detector === detector)
    const packs = [...packsOf(own.length > 0 ? own : [record(detector, 1, '192.0.2.5')])]
    const timestamp = String(Date.now() - agoMs)
    const messages = stateMessages({ ...changes, packs }, partition, new KeptPacks())
    return producer.send({
      topic: topics.state.name,
      messages: messages.map((message) => ({ ...message, timestamp })),
    })
  }
  const keys = async () => [...newest(await readTopic(brokers, topics.state.name)).keys()].sort()
  const forget = (id: string) => runPicket('detectors', 'forget', id, '--config', config)

  const text = (id: string) => JSON.stringify({ manifest: { detectors: [{ id, version: 1 }] } })
  const manifest = (digest: string, value: string) =>
    producer.send({ topic: topics.manifests.name, messages: [{ key: digest, value, partition: 0 }] })
  const note = (partition: number, digest: string) =>
    producer.send(
      controlMessages(topics.control.name, `detect ${partition}`, [{ kind: 'manifest', at: 0, digest }]),
    )
  /** As `detect` does with the one detector. */
  const begin = async (partition: number, id: string) => {
    await manifest(`m1:${id}`, text(id))
    await note(partition, `m1:${id}`)
  }

  it('is dropped from all partitions, unless somebody wrote it a moment ago', async () => {
    for (const partition of [0, 1]) {
      await write(partition, 0, 'jti-reuse')
      await write(partition, 3_600_000, 'taken-out')
      await begin(partition, 'jti-reuse')
    }
    // As this command does, which was then killed.
    const [ended] = (await keys()).filter((key) => key.startsWith('pack taken-out'))
    await producer.send({
      topic: topics.state.name,
      messages: [{ key: ended ?? '', value: null, partition: 1 }],
    })
    const { code, out, err } = await forget('taken-out')
    expect([code, out.trim(), err]).toEqual([0, 'dropped 3 records of taken-out (0.0 MB)', ''])
    expect(await keys()).toEqual(['pack jti-reuse 1 pane 1 0', 'time'])
    await write(1, 0, 'taken-out')
    const refused = await forget('taken-out')
    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining('10 minutes ago')])
  }, 60_000)

  it('is not dropped while a partition is judged with it, though it writes seldom', async () => {
    await begin(0, 'jti-reuse')
    await begin(1, 'seldom')
    await write(0, 3_600_000, 'seldom')
    const refused = await forget('seldom')
    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining("'detect 1' was begun last")])
    await begin(1, 'jti-reuse')
    expect((await forget('seldom')).out).toContain('dropped 1 records of seldom')
  }, 60_000)

  it('is not dropped where nobody can tell by what is judged, and the partition and what to do are told', async () => {
    const refusal = async () => {
      const { code, err } = await forget('untold')
      expect([code, err]).toEqual([
        4,
        expect.stringContaining("restart the `detect` that has it with the configuration without 'untold'"),
      ])
      return err
    }
    await write(0, 3_600_000, 'untold')
    await write(1, 3_600_000, 'untold')
    const { control } = topics
    // As when its entries are older than the topic's retention.
    await admin.deleteTopicRecords({
      topic: control.name,
      partitions: [{ partition: 0, offset: '-1' }],
    })
    await begin(0, 'jti-reuse')
    const gone = await refusal()
    expect(gone).toContain('partition 1 (the control topic has no manifest of it)')
    expect(gone).not.toContain('partition 0')

    await note(1, 'm1:unkept')
    expect(await refusal()).toContain('partition 1 (the topic of manifests has no m1:unkept)')
    await manifest('m1:unkept', '{"manifest":')
    expect(await refusal()).toContain("m1:unkept can't be read")
    await begin(1, 'jti-reuse')
    await producer.send({ topic: control.name, messages: [{ key: 'detect 0', value: '?', partition: 0 }] })
    expect(await refusal()).toContain('partition 0 (its newest entry')
    await begin(0, 'jti-reuse')
    expect((await forget('untold')).out).toContain('dropped 2 records of untold')
  }, 60_000)
})
