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
