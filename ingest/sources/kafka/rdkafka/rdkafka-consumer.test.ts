import { expect, it } from 'vitest'
import type { ConsumerListener } from '../topic-consumer.ts'
import { RdkafkaConsumer } from './rdkafka-consumer.ts'
import { codes, type Rdkafka, type RdkafkaClient } from './rdkafka-module.ts'

/** A library whose every batch is of a codec that it was built without, which a build with all of them never meets. */
const without: Rdkafka = {
  features: [],
  KafkaConsumer: function Client() {
    const error = Object.assign(new Error('Local: Not implemented'), { code: codes.notImplemented })
    return {
      on: () => {},
      connect: (_options, done) => done(null),
      disconnect: (done) => done(),
      setDefaultConsumeTimeout: () => {},
      subscribe: () => {},
      consume: (_count, done) => done(error, []),
    } satisfies Partial<RdkafkaClient>
  } as unknown as Rdkafka['KafkaConsumer'],
}

it('says of a codec that librdkafka was built without what to do', async () => {
  const failed = new Promise<Error>((resolve) => {
    const listener = { failed: resolve } as Partial<ConsumerListener> as ConsumerListener
    const options = { connection: { brokers: ['k:9092'] }, groupId: 'g', rdkafka: without }
    void new RdkafkaConsumer(options, listener).subscribe(['a'])
  })
  expect((await failed).message).toMatch(
    /batch from k:9092 .*built without that codec.*use `client: kafkajs`/,
  )
})

it('is not ended by a rebalance that it is too late for, unless it still reads', async () => {
  type Callback = (error: { code: number }, partitions: readonly []) => void
  const rebalances: Callback[] = []
  const refusing: Rdkafka = {
    features: [],
    KafkaConsumer: function Client(settings: { rebalance_cb: Callback }) {
      rebalances.push(settings.rebalance_cb)
      return {
        on: () => {},
        connect: (_options, done) => done(null),
        disconnect: (done) => done(),
        setDefaultConsumeTimeout: () => {},
        subscribe: () => {},
        consume: (_count, done) => void setImmediate(done, null, []),
        unassign: () => {
          throw new Error('Local: Erroneous state')
        },
      } satisfies Partial<RdkafkaClient>
    } as unknown as Rdkafka['KafkaConsumer'],
  }
  const failures: Error[] = []
  const listener = {
    failed: (error) => failures.push(error),
  } as Partial<ConsumerListener> as ConsumerListener
  const options = { connection: { brokers: ['k:9092'] }, groupId: 'g', rdkafka: refusing }
  const consumer = new RdkafkaConsumer(options, listener)
  await consumer.subscribe(['a'])
  rebalances[0]?.({ code: codes.revoke }, [])
  expect(failures.map(({ message }) => message)).toEqual(['Local: Erroneous state'])
  await consumer.close()
  rebalances[0]?.({ code: codes.revoke }, [])
  expect(failures).toHaveLength(1)
})
