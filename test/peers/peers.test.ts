import { randomUUID } from 'node:crypto'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { expect, test } from 'vitest'
import { describeEnvoy } from './describe-envoy.ts'
import { describeKafka } from './describe-kafka.ts'
import { startEnvoy } from './envoy.ts'

describeKafka('the Kafka peer', (brokers) => {
  const client = new Kafka({ brokers, logLevel: logLevel.NOTHING })

  test('gives back a message that was produced', async () => {
    const topic = `peers-${randomUUID()}`
    const admin = client.admin()
    const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    const consumer = client.consumer({ groupId: topic })
    await Promise.all([admin.connect(), producer.connect(), consumer.connect()])
    try {
      await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
      await producer.send({ topic, messages: [{ key: 'k', value: 'one request' }] })
      await consumer.subscribe({ topic, fromBeginning: true })
      const received = new Promise<string>((resolve) => {
        consumer.run({ eachMessage: async ({ message }) => resolve(`${message.key}: ${message.value}`) })
      })
      expect(await received).toBe('k: one request')
    } finally {
      await Promise.all([consumer.disconnect(), producer.disconnect()])
      await admin.deleteTopics({ topics: [topic] })
      await admin.disconnect()
    }
  }, 30_000)
})

const directResponse = `
static_resources:
  listeners:
  - name: direct
    address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: direct
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - { match: { prefix: "/" }, direct_response: { status: 418, body: { inline_string: teapot } } }
          http_filters:
          - name: envoy.filters.http.router
            typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
`

describeEnvoy('the Envoy peer', (envoyPath) => {
  test('answers as its configuration says, and no more after it was stopped', async () => {
    const envoy = await startEnvoy(envoyPath, directResponse)
    const url = `http://127.0.0.1:${await envoy.listenerPort('direct')}/`
    try {
      const response = await fetch(url)
      expect([response.status, await response.text()]).toEqual([418, 'teapot'])
    } finally {
      await envoy.stop()
    }
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })

  test('tells what it wrote when the configuration is wrong', async () => {
    // Protobuf varies the spaces of its messages on purpose, so that nobody relies on them.
    await expect(startEnvoy(envoyPath, 'static_resources: { listener: [] }')).rejects.toThrow(
      /ended with 1 before it was ready; it wrote:[\s\S]*no\s+such\s+field/,
    )
  })
})
