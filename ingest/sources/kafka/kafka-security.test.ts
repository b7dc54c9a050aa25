import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { kafkaPlace, type Library, texts } from '../../../test/contracts/kafka-place.ts'
import { readLines } from '../../../test/contracts/source-contract.ts'
import { describeSecureKafka } from '../../../test/peers/describe-kafka.ts'
import { describeRdkafka } from '../../../test/peers/describe-rdkafka.ts'
import type { KafkaSecurity } from '../../../test/peers/kafka-security.ts'
import { awaitTopics } from './await-topics.ts'
import type { KafkaConnection } from './connection.ts'

describeSecureKafka('Kafka with TLS and log-in', (security, brokers) => {
  describe('by kafkajs', () => securityTests(security, brokers))

  test.each([
    ['TLS to a port without it', { brokers, tls: {} }, /instead of speaking TLS.*remove `ssl`/],
    ['none to a port with it', { brokers: [security.mutualTls] }, /wants `ssl` or `sasl`/],
    ['no log-in to a port with one', { brokers: [security.saslPlaintext] }, /wants `ssl` or `sasl`/],
  ])('%s is tried again, for a broker may be starting, and says which setting', async (_what, own, why) => {
    const signal = new AbortController().signal
    const heard: string[] = []
    const connection = { ...own, requestTimeoutMs: 1000 }
    const options = { connection, topics: ['any'], signal, patienceMs: 4000, noticeAfterMs: 1000 }
    const waiting = awaitTopics({ ...options, onAway: (text) => heard.push(text) })
    await expect(waiting).rejects.toThrow()
    expect(heard).toEqual([expect.stringMatching(why)])
  })
  describeRdkafka('by librdkafka', (rdkafka) =>
    securityTests(security, brokers, { client: 'rdkafka', rdkafka }),
  )
})

function securityTests(security: KafkaSecurity, brokers: string[], library: Library = {}): void {
  const { newTopic, send, open } = kafkaPlace(brokers, library)
  const topic = `secure-${randomUUID()}`
  const pem = (name: keyof KafkaSecurity['files']) => readFileSync(security.files[name], 'utf8')
  const login = (
    mechanism: NonNullable<KafkaConnection['sasl']>['mechanism'],
    password = security.password,
  ) => ({
    sasl: { mechanism, username: security.user, password },
  })
  const trusted = { tls: { ca: pem('ca') } }
  const read = (connection: KafkaConnection) => readLines(open(topic, { connection }))

  beforeAll(async () => {
    await newTopic(1, topic)
    await send(topic, ['secret'])
  })

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'logs in by %s, with TLS and without',
    async (mechanism) => {
      const open = { brokers: [security.saslPlaintext], ...login(mechanism) }
      expect(texts(await read(open))).toEqual(['secret'])
      expect(texts(await read({ ...open, brokers: [security.saslSsl], ...trusted }))).toEqual(['secret'])
    },
  )

  test('shows a certificate of its own where the broker asks for one', async () => {
    const tls = { ca: pem('ca'), cert: pem('cert'), key: pem('key') }
    expect(texts(await read({ brokers: [security.mutualTls], tls }))).toEqual(['secret'])
  })

  test.each(['plain', 'scram-sha-512'] as const)(
    'a wrong password for %s is one error at once, with the settings and without the password',
    async (mechanism) => {
      const reading = read({ brokers: [security.saslPlaintext], ...login(mechanism, 'hunter2') })
      await expect(reading).rejects.toThrow(
        new RegExp(`${security.saslPlaintext}.*log-in of 'picket' by ${mechanism}.*sasl.password`),
      )
      await expect(reading).rejects.not.toThrow('hunter2')
    },
  )

  test('an authority that is not ours, and none, name the broker and tls.ca', async () => {
    const common = { brokers: [security.saslSsl], ...login('scram-sha-256') }
    const other = read({ ...common, tls: { ca: pem('otherCa') } })
    await expect(other).rejects.toThrow(/Kafka broker localhost:\d+ shows a certificate .*`tls\.ca`/)
    await expect(read({ ...common, tls: {} })).rejects.toThrow(/the system trusts; set `tls\.ca`/)
  })

  test('a certificate for another name names the broker and what to write', async () => {
    const reading = read({ brokers: [security.otherName], ...login('plain'), ...trusted })
    await expect(reading).rejects.toThrow(/127\.0\.0\.1:\d+ shows a certificate for other names .*`brokers`/)
  })

  test('no certificate where the broker asks for one names tls.cert', async () => {
    await expect(read({ brokers: [security.mutualTls], ...trusted })).rejects.toThrow(/`tls\.cert`/)
  })
}
