import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { KeptAdmin } from '../../../ingest/sources/kafka/kept-admin.ts'
import { describeKafka } from '../../../test/peers/describe-kafka.ts'
import { InputTopics } from '../input-topics.ts'
import { firstStarts } from './first-starts.ts'

describeKafka('the first start of a partition in a cluster', (brokers) => {
  const name = `first-${process.pid}-${Date.now()}`
  const there = `${name}.there`
  const later = `${name}.later`
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const inputAdmin = new KeptAdmin(kafka)
  const source = (from: 'earliest' | 'latest', group: string) =>
    ({ name: 'kafka', from, group, topics: [{ pattern: `^${name}\\.` }] }) as never
  const inputs = new InputTopics([source('latest', name)], [])

  beforeAll(async () => {
    await admin.connect()
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: there, numPartitions: 2 }] })
    inputs.look(await admin.listTopics())
  })
  afterAll(async () => {
    await admin.deleteTopics({ topics: [there] })
    await admin.disconnect()
    inputAdmin.close()
  })

  it('is the end for what was there, and the beginning for what appears', async () => {
    const startOf = await firstStarts({ inputAdmin, inputs }, source('latest', `${name}-new`))
    expect([startOf(there, 1), startOf(there, 2), startOf(later, 0)]).toEqual([
      'latest',
      'earliest',
      'earliest',
    ])
  })

  it('is the beginning of all that appeared while nobody read, once the group has read', async () => {
    const group = `${name}-again`
    await admin.setOffsets({ groupId: group, topic: there, partitions: [{ partition: 0, offset: '0' }] })
    const startOf = await firstStarts({ inputAdmin, inputs }, source('latest', group))
    expect([startOf(there, 1), startOf(later, 0)]).toEqual(['earliest', 'earliest'])
  })

  it('is always the beginning without `from: latest`', async () => {
    const startOf = await firstStarts({ inputAdmin, inputs }, source('earliest', `${name}-new`))
    expect(startOf(there, 0)).toBe('earliest')
  })
})
