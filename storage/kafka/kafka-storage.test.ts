import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newest, readTopic } from '../../test/cluster/read-topic.ts'
import { decisionOf, findingOf, journalOf, runOf } from '../../test/contracts/state-store-contract.ts'
import { describeKafka } from '../../test/peers/describe-kafka.ts'
import { committedOffset } from './committed-offset.ts'
import { ensureTopics, TopicMismatchError } from './ensure-topics.ts'
import { ResponseRecords } from './response-records.ts'
import { ResponseStore } from './response-store.ts'
import { topicLayout } from './topic-layout.ts'
import { FencedError, Transactor } from './transactor.ts'

describeKafka('what a cluster keeps in Kafka', (brokers) => {
  const prefix = `storage-${process.pid}-${Date.now()}`
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const topics = topicLayout({ prefix, partitions: 2 })
  const open = (id: string) => Transactor.open(kafka, `${prefix}.${id}`, 10_000)
  const written: Transactor[] = []

  beforeAll(async () => {
    await admin.connect()
    // Two processes that start at once.
    const all = Object.values(topics)
    const other = kafka.admin()
    await other.connect()
    await Promise.all([ensureTopics(admin, all), ensureTopics(other, all)])
    await other.disconnect()
  })
  afterAll(async () => {
    for (const transactor of written) await transactor.close()
    await admin.disconnect()
  })

  describe('topics', () => {
    it('are made as they must be, and found to be so', async () => {
      await ensureTopics(admin, Object.values(topics))
      const { topics: found } = await admin.fetchTopicMetadata({
        topics: [topics.state.name, topics.findings.name],
      })
      expect(found.map(({ partitions }) => partitions.length).sort()).toEqual([1, 2])
    })

    it('that are not as they must be are all named, with what to do', async () => {
      const other = topicLayout({ prefix: `${prefix}-other`, partitions: 3 })
      await admin.createTopics({
        waitForLeaders: false,
        topics: [
          { topic: other.observations.name, numPartitions: 2 },
          {
            topic: other.state.name,
            numPartitions: 3,
            configEntries: [{ name: 'cleanup.policy', value: 'delete' }],
          },
          {
            topic: other.traffic.name,
            numPartitions: 1,
            configEntries: [{ name: 'retention.ms', value: '1000' }],
          },
          {
            topic: other.response.name,
            numPartitions: 1,
            configEntries: [{ name: 'cleanup.policy', value: 'delete,compact' }],
          },
        ],
      })
      const refused = ensureTopics(admin, Object.values(other))
      await expect(refused).rejects.toThrow(TopicMismatchError)
      const { message } = (await refused.catch((error: unknown) => error)) as Error
      const servers = (await admin.describeCluster()).brokers
        .map(({ host, port }) => `${host}:${port}`)
        .join(',')
      expect(message.split('\n').slice(1)).toEqual([
        `- ${other.observations.name} has 2 partitions, Picket needs 3: set cluster.partitions: 2, or name another cluster.prefix, which begins with no state`,
        `- ${other.state.name}: cleanup.policy is 'delete', Picket needs 'compact': kafka-configs.sh --bootstrap-server ${servers} --alter --topic ${other.state.name} --add-config 'cleanup.policy=[compact]'`,
        `- ${other.traffic.name}: retention.ms is '1000', Picket needs at least 7200000: kafka-configs.sh --bootstrap-server ${servers} --alter --topic ${other.traffic.name} --add-config 'retention.ms=[7200000]'`,
      ])
    })
  })

  describe('a transactor', () => {
    const message = (key: string, value: string) => [
      { topic: topics.state.name, messages: [{ key, value, partition: 1 }] },
    ]

    it('commits messages and offsets together, with the text beside the offset', async () => {
      const transactor = await open('together')
      written.push(transactor)
      const place = { group: `${prefix}-group`, topic: topics.observations.name, partition: 1 }
      expect(await committedOffset(admin, place)).toBeUndefined()
      await transactor.commit({
        messages: message('a', '1'),
        offsets: [{ ...place, offset: 7, metadata: '{"é":1}' }],
      })
      // Offsets are there a moment after the commit; whoever opens the id next waits for that.
      written.push(await open('together'))
      expect(await committedOffset(admin, place)).toEqual({ offset: 7, metadata: '{"é":1}' })
      expect(newest(await readTopic(brokers, topics.state.name)).get('a')).toBe('1')
    })

    it('writes nothing more once another has opened its id, whenever it wakes', async () => {
      const first = await open('fenced')
      await first.commit({ messages: message('b', 'first') })
      const second = await open('fenced')
      written.push(first, second)
      await expect(first.commit({ messages: message('b', 'late') })).rejects.toThrow(FencedError)
      await second.commit({ messages: message('c', 'second') })
      await expect(first.commit({ messages: message('b', 'later') })).rejects.toThrow(FencedError)
      const values = newest(await readTopic(brokers, topics.state.name))
      expect([values.get('b'), values.get('c')]).toEqual(['first', 'second'])
    })

    it('takes more than brokers take in one batch', async () => {
      const transactor = await open('big')
      written.push(transactor)
      const messages = Array.from({ length: 6 }, (_, index) => ({
        key: `big-${index}`,
        value: Buffer.alloc(400_000, index + 1),
        partition: 0,
      }))
      await transactor.commit({ messages: [{ topic: topics.state.name, messages }] })
      const keys = (await readTopic(brokers, topics.state.name)).map(({ key }) => String(key))
      expect(keys.filter((key) => key.startsWith('big-'))).toEqual(messages.map(({ key }) => key))
    })
  })

  it('what was never committed is not read, whichever transaction ends first', async () => {
    const topic = topics.deadLetters.name
    const begin = async (id: string) => {
      const producer = kafka.producer({
        transactionalId: `${prefix}.${id}`,
        idempotent: true,
        maxInFlightRequests: 1,
      })
      await producer.connect()
      const transaction = await producer.transaction()
      const send = (value: string) => transaction.send({ topic, messages: [{ value, partition: 0 }] })
      const end = async () => {
        await transaction.abort()
        await producer.disconnect()
      }
      return { send, end }
    }
    const [first, second] = [await begin('first'), await begin('second')]
    // The one that began first is aborted last: Kafka lists them the other way round.
    await first.send('first')
    await second.send('second')
    await first.send('first')
    await second.end()
    await first.end()
    const transactor = await open('third')
    written.push(transactor)
    await transactor.commit({ messages: [{ topic, messages: [{ value: 'third', partition: 0 }] }] })
    expect((await readTopic(brokers, topic)).map(({ value }) => String(value))).toEqual(['third'])
  })

  describe('the store of the responder', () => {
    const names = {
      response: topics.response.name,
      decisions: topics.decisions.name,
      control: topics.control.name,
    }

    async function restored(): Promise<ResponseRecords> {
      const records = new ResponseRecords()
      for (const { key, value } of await readTopic(brokers, names.response))
        records.takeResponse(String(key), value)
      for (const { key, value } of await readTopic(brokers, names.decisions))
        records.takeDecision(String(key), value)
      return records
    }

    async function start(term: number, now = () => 0): Promise<ResponseStore> {
      const transactor = await open('respond')
      written.push(transactor)
      return new ResponseStore({
        transactor,
        topics: names,
        term,
        records: await restored(),
        leaseMs: 1000,
        now,
      })
    }

    it('gives a successor what was committed, and lets the one before write nothing more', async () => {
      let now = 0
      const first = await start(1, () => now)
      const finding = findingOf('f-1', 5000)
      await first.commit({
        findings: [finding],
        runs: [runOf('r-1', finding), runOf('r-2', finding, { state: 'done' })],
      })
      await first.commit({
        journal: [journalOf('intent', 'k-1', { term: 1 }), journalOf('intent', 'k-2', { term: 1 })],
      })
      await first.commit({
        journal: [journalOf('result', 'k-1', { term: 1, status: 'applied' })],
        decisions: [decisionOf('d-1'), decisionOf('d-2'), decisionOf('d-3')],
        decisionsRemoved: ['d-2'],
        exemptions: [{ entity: { kind: 'ip', id: '192.0.2.7' }, until: 9, by: 'ann', reason: 'ours' }],
      })
      await expect(first.confirm()).resolves.toBeUndefined()

      const second = await start(2)
      expect((await second.runs()).map(({ id }) => id).sort()).toEqual(['r-1', 'r-2'])
      expect(await second.findings({ id: 'f-1' })).toEqual([finding])
      const { decisions, pendingRuns, openIntents, exemptions } = (await restored()).restored()
      expect(decisions.map(({ id }) => id)).toEqual(['d-1', 'd-3'])
      expect(pendingRuns.map(({ id }) => id)).toEqual(['r-1'])
      expect(openIntents.map(({ key }) => key)).toEqual(['k-2'])
      expect(exemptions).toHaveLength(1)

      // It has committed a moment ago, as far as it knows; later it has to ask.
      await expect(first.confirm()).resolves.toBeUndefined()
      now = 1000
      await expect(first.confirm()).rejects.toThrow(FencedError)
      await expect(first.commit({ decisions: [decisionOf('d-9')] })).rejects.toThrow(FencedError)
      await expect(second.commit({ journal: [journalOf('intent', 'k-2', { term: 1 })] })).rejects.toThrow(
        /older term/,
      )
      await second.commit({ decisionsRemoved: ['d-1'] })
      expect([...(await restored()).decisions.keys()]).toEqual(['d-3'])
    })
  })
})
