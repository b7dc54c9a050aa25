import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, type KafkaMessage, logLevel, type Message, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { openReadOnly } from '../../storage/sqlite/sqlite-state-store.ts'
import { describeKafka } from '../peers/describe-kafka.ts'
import { freePort } from '../peers/free-port.ts'
import { startPicket } from './picket-process.ts'

describeKafka('what Kafka holds that is no event', (brokers) => {
  const folder = mkdtempSync(join(tmpdir(), 'picket-refused-'))
  const client = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const admin = client.admin()
  const [topic, refused] = [`access-${randomUUID()}`, `refused-${randomUUID()}`]
  let port = 0
  const event = (status: number) =>
    JSON.stringify({
      time: new Date().toISOString(),
      method: 'GET',
      path: '/orders/7',
      status,
      'client.ip': '203.0.113.9',
    })
  const hostileHeaders = {
    'picket-reason': '\u001b[31m',
    '\u0000': Buffer.alloc(9000, 0xff),
    many: ['a', 'b'],
  }
  const messages: Message[] = [
    { value: event(200) },
    { value: '{"authorization":"Bearer s3cret.s3cret" \u001b[31m' },
    { value: null, key: 'tombstone' },
    { value: Buffer.alloc(900_000, 0x7b) },
    { value: Buffer.from([0xff, 0xfe, 0x00]), headers: hostileHeaders },
    // As an empty line, which says nothing either.
    { value: '', headers: { a: '' } },
    { value: event(403), headers: hostileHeaders },
  ]

  beforeAll(async () => {
    await admin.connect()
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1 }] })
    const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
    for (const message of messages) await producer.send({ topic, messages: [message] })
    await producer.disconnect()
    // kafkajs finds the leader only of topics that it has met.
    await admin.fetchTopicOffsets(topic)
  })
  afterAll(async () => {
    await admin.deleteTopics({ topics: [topic, refused] }).catch(() => {})
    await admin.disconnect()
    rmSync(folder, { recursive: true, force: true })
  })

  async function sentOn(count: number): Promise<KafkaMessage[]> {
    const consumer = client.consumer({ groupId: randomUUID() })
    const found: KafkaMessage[] = []
    await consumer.connect()
    try {
      await consumer.subscribe({ topic: refused, fromBeginning: true })
      await consumer.run({ eachMessage: async ({ message }) => void found.push(message) })
      await vi.waitFor(() => expect(found.length).toBeGreaterThanOrEqual(count), { timeout: 20_000 })
    } finally {
      await consumer.disconnect()
    }
    return found
  }

  it('goes on to a topic with reason and place, and what is around it is judged; the lag is told', async () => {
    const config = join(folder, 'picket.yaml')
    port = await freePort()
    const listed = brokers.map((broker) => `'${broker}'`).join(', ')
    writeFileSync(
      config,
      `
data_dir: ./state
sources:
  - { type: kafka, name: gateway, brokers: [${listed}], topics: [{ pattern: '^${topic}$', format: canonical }], group: ${topic} }
dead_letters: { kafka: { brokers: [${listed}], topic: ${refused} } }
clickhouse: { embedded: false }
status: { listen: { port: ${port} } }
`,
    )
    const run = startPicket(['run', '--config', config])
    try {
      await vi.waitFor(async () => expect(await admin.listTopics()).toContain(refused), { timeout: 30_000 })
      const letters = await sentOn(3)
      const told = letters.map(({ key, headers = {} }) => [
        String(key),
        String(headers['picket-reason']),
        String(headers['picket-topic']),
        String(headers['picket-partition']),
        String(headers['picket-offset']),
      ])
      const at = (offset: number, reason: string) => [
        `gateway:${topic}:0:${offset}`,
        reason,
        topic,
        '0',
        String(offset),
      ]
      // They lie in several partitions, so in no order.
      const wanted = [at(1, 'not_parsable'), at(3, 'too_long'), at(4, 'not_parsable')]
      expect([...told].sort()).toEqual([...wanted].sort())
      const text = letters.map(({ value }) => String(value)).join('\n')
      expect(text).not.toMatch(/s3cret|\u001b/)
      for (const { value } of letters) expect(value?.length ?? 0).toBeLessThanOrEqual(4096)

      const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      const lag = `picket_kafka_lag_records{source="gateway",topic="${topic}",partition="0"} 0`
      await vi.waitFor(
        async () => {
          const page = await metrics()
          expect(page).toContain('picket_events_total{source="gateway"} 2')
          expect(page).toContain(lag)
        },
        { timeout: 20_000 },
      )
    } finally {
      run.child.kill('SIGTERM')
      expect((await run.ended).code).toBe(0)
    }
  }, 120_000)

  it('records that were deleted while it was down are in the control log, and the count', async () => {
    const config = join(folder, 'picket.yaml')
    const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
    await producer.send({
      topic,
      messages: [{ value: event(200) }, { value: event(200) }, { value: event(200) }],
    })
    await producer.disconnect()
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '9' }] })
    const run = startPicket(['run', '--config', config])
    try {
      await vi.waitFor(
        async () => {
          const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
          expect(page).toContain('picket_lost_records_total{source="gateway"} 2')
          expect(page).toContain('picket_events_total{source="gateway"} 1')
        },
        { timeout: 30_000, interval: 200 },
      )
      expect(run.output.stderr).toContain(`2 records of ${topic}:0, offsets 7 to 8, are lost`)
      await vi.waitFor(
        async () => {
          const state = await openReadOnly(join(folder, 'state'))
          const entries = await state.controlLog()
          await state.close()
          expect(entries.filter(({ kind }) => kind === 'lost-range')).toMatchObject([{ from: 7, to: 9 }])
        },
        { timeout: 20_000 },
      )
    } finally {
      run.child.kill('SIGTERM')
      expect((await run.ended).code).toBe(0)
    }
  }, 120_000)
})
