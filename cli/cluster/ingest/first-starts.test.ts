import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { KeptAdmin } from '../../../ingest/sources/kafka/kept-admin.ts'
import { newTopics } from '../../../test/cluster/new-topics.ts'
import { describeKafka } from '../../../test/peers/describe-kafka.ts'
import { InputTopics } from '../input-topics.ts'
import { FirstStarts } from './first-starts.ts'
import { startOfPartition } from './start-of-partition.ts'

describeKafka('the first start of a partition in a cluster', (brokers) => {
  const name = `first-${process.pid}-${Date.now()}`
  const there = `${name}.there`
  const later = `${name}.later`
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  const inputAdmin = new KeptAdmin(kafka)
  const source = (from: 'earliest' | 'latest', group: string) =>
    ({ name: 'kafka', from, group, topics: [{ pattern: `^${name}\\.` }] }) as never
  const inputs = new InputTopics([source('latest', name)], [])
  const run = () => ({ inputAdmin, inputs, firstStarts: new Map<string, FirstStarts>() })
  const write = (topic: string, records: number) =>
    producer.send({
      topic,
      messages: Array.from({ length: records }, () => ({ value: 'line', partition: 0 })),
    })
  const begin = async (cluster: ReturnType<typeof run>, group: string) => {
    const from = source('latest', group)
    const firstStarts = await FirstStarts.of(cluster, from)
    const options = { cluster, source: from, topic: there, partition: 0, firstStarts } as never
    return (await startOfPartition(options)).offset
  }

  beforeAll(async () => {
    await Promise.all([admin.connect(), producer.connect()])
    await newTopics(brokers, [there], 2)
    await write(there, 3)
    inputs.look(await admin.listTopics())
  })
  afterAll(async () => {
    await admin.deleteTopics({ topics: [there] })
    await Promise.all([admin.disconnect(), producer.disconnect()])
    inputAdmin.close()
  })

  it('is the end for what was there, and the beginning for what appears', async () => {
    const starts = await FirstStarts.of(run(), source('latest', `${name}-new`))
    expect([starts.endOf(there, 0), starts.endOf(there, 1)]).toEqual([3, 0])
    expect([starts.endOf(there, 2), starts.endOf(later, 0)]).toEqual([undefined, undefined])
  })

  it('is the beginning of all that appeared while nobody read, once the group has read', async () => {
    const group = `${name}-again`
    await admin.setOffsets({ groupId: group, topic: there, partitions: [{ partition: 0, offset: '0' }] })
    const starts = await FirstStarts.of(run(), source('latest', group))
    expect([starts.endOf(there, 1), starts.endOf(later, 0)]).toEqual([undefined, undefined])
  })

  it('is always the beginning without `from: latest`', async () => {
    const starts = await FirstStarts.of(run(), source('earliest', `${name}-new`))
    expect(starts.endOf(there, 0)).toBe(undefined)
  })

  it('is the beginning of a topic that was deleted and created again in a run', async () => {
    const [first, second] = [run(), run()]
    const [unread, read] = [`${name}-unread`, `${name}-read`]
    expect([await begin(first, unread), await begin(second, read)]).toEqual([3, 3])
    await write(there, 2)
    expect(await begin(first, unread), 'what came since').toBe(3)
    await admin.setOffsets({ groupId: read, topic: there, partitions: [{ partition: 0, offset: '5' }] })
    await second.firstStarts.get('kafka')?.look()
    await admin.deleteTopics({ topics: [there] })
    await newTopics(brokers, [there], 2)
    // The broker forgets what a group read some time after the topic.
    await vi.waitFor(async () => expect(await admin.fetchOffsets({ groupId: read })).toEqual([]), {
      timeout: 30_000,
    })
    await write(there, 2)
    expect(await begin(first, unread), 'it ends before').toBe(0)
    await write(there, 20)
    expect(await begin(second, read), 'it was read').toBe(0)
  }, 120_000)

  it('waits for all topics that are gone together', async () => {
    const gone = Array.from({ length: 20 }, (_, nth) => `${name}.gone-${nth}`)
    inputs.look([there, ...gone])
    const began = performance.now()
    const starts = await FirstStarts.of(run(), source('latest', `${name}-new`))
    // One after the other they would take 20 times five seconds, and longer where the machine pauses.
    expect(performance.now() - began).toBeLessThan(30_000)
    expect([starts.endOf(there, 1), starts.endOf(gone[0] ?? '', 0)]).toEqual([0, undefined])
  }, 60_000)
})
