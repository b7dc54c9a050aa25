import { expect, it } from 'vitest'
import type { ConsumerListener } from '../topic-consumer.ts'
import { RdkafkaConsumer } from './rdkafka-consumer.ts'
import { codes, type Rdkafka, type RdkafkaClient } from './rdkafka-module.ts'

type OnRebalance = (error: { code: number }, partitions: readonly []) => void

/** A library with a client that takes everything and gives nothing, but for what is given of it. */
function libraryWith(
  client: Partial<RdkafkaClient>,
  onOpen: (settings: { readonly rebalance_cb: OnRebalance }) => void = () => {},
): Rdkafka {
  return {
    features: [],
    KafkaConsumer: function Client(settings: { readonly rebalance_cb: OnRebalance }) {
      onOpen(settings)
      return {
        on: () => {},
        connect: (_options, done) => done(null),
        disconnect: (done) => done(),
        setDefaultConsumeTimeout: () => {},
        subscribe: () => {},
        ...client,
      } satisfies Partial<RdkafkaClient>
    } as unknown as Rdkafka['KafkaConsumer'],
  }
}

function consumerOf(rdkafka: Rdkafka, failed: (error: Error) => void): RdkafkaConsumer {
  const listener = { failed } as Partial<ConsumerListener> as ConsumerListener
  return new RdkafkaConsumer({ connection: { brokers: ['k:9092'] }, groupId: 'g', rdkafka }, listener)
}

it('says of a codec that librdkafka was built without what to do', async () => {
  // As every batch of such a codec is answered, which a build with all of them never meets.
  const error = Object.assign(new Error('Local: Not implemented'), { code: codes.notImplemented })
  const without = libraryWith({ consume: (_count, done) => done(error, []) })
  const failed = new Promise<Error>((resolve) => {
    void consumerOf(without, resolve).subscribe(['a'])
  })
  expect((await failed).message).toMatch(
    /batch from k:9092 .*built without that codec.*use `client: kafkajs`/,
  )
})

it('is not ended by a rebalance that it is too late for, unless it still reads', async () => {
  const rebalances: OnRebalance[] = []
  const unassign = () => {
    throw new Error('Local: Erroneous state')
  }
  const refusing = libraryWith(
    { consume: (_count, done) => void setImmediate(done, null, []), unassign },
    ({ rebalance_cb }) => rebalances.push(rebalance_cb),
  )
  const failures: Error[] = []
  const consumer = consumerOf(refusing, (error) => failures.push(error))
  await consumer.subscribe(['a'])
  rebalances[0]?.({ code: codes.revoke }, [])
  expect(failures.map(({ message }) => message)).toEqual(['Local: Erroneous state'])
  await consumer.close()
  rebalances[0]?.({ code: codes.revoke }, [])
  expect(failures).toHaveLength(1)
})
