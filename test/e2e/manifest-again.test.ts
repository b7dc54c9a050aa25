import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { expect, it, vi } from 'vitest'
import { readControl } from '../../storage/kafka/control-messages.ts'
import { ensureTopics } from '../../storage/kafka/ensure-topics.ts'
import { topicLayout } from '../../storage/kafka/topic-layout.ts'
import { readTopic } from '../cluster/read-topic.ts'
import { RunningCluster } from '../cluster/running-cluster.ts'
import { describeKafka } from '../peers/describe-kafka.ts'
import { produce } from './produce.ts'

const day = 24 * 3_600_000

describeKafka('a control log that forgets by age', (brokers) => {
  it('holds what a `detect` judges by that has run for long and has nothing to judge', async () => {
    const prefix = `again-${process.pid}-${Date.now()}`
    const folder = mkdtempSync(join(tmpdir(), 'picket-again-'))
    const topics = topicLayout({ prefix, partitions: 1 })
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    await ensureTopics(admin, Object.values(topics))
    await admin.disconnect()
    await produce(brokers, new Map([[prefix, []]]))
    const hosts = brokers.map((broker) => `'${broker}'`).join(', ')
    mkdirSync(join(folder, 'data'))
    const cluster = new RunningCluster(
      join(folder, 'picket.yaml'),
      `
data_dir: ./data
cluster: { prefix: '${prefix}', partitions: 1, session_timeout: 6s }
sources: [{ type: kafka, brokers: [${hosts}], name: gateway, topics: [{ name: ${prefix} }], group: ${prefix} }]
`,
      ['detect'],
    )
    try {
      const digests = async () =>
        (await readTopic(brokers, topics.control.name)).flatMap((message) => {
          const { by, entry } = readControl(message) ?? {}
          return by === 'detect 0' && entry?.kind === 'manifest' ? [entry.digest] : []
        })
      await vi.waitFor(async () => expect(await digests()).toHaveLength(1), { timeout: 30_000 })
      await vi.waitFor(
        async () => {
          cluster.later(day)
          expect((await digests()).length).toBeGreaterThan(1)
        },
        { timeout: 30_000, interval: 300 },
      )
      expect(new Set(await digests()).size).toBe(1)
    } finally {
      await cluster.stop()
      rmSync(folder, { recursive: true })
    }
  }, 90_000)
})
