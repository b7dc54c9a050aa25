// Writes the state of an engine that has seen so many principals to a compacted topic of one partition, as `detect` does; says
// how many entities and records there are.
import kafkajs from 'kafkajs'
import { KeptPacks } from '../../cli/cluster/detect/changelog/kept-packs.ts'
import { stateMessages } from '../../cli/cluster/detect/changelog/state-messages.ts'
import { unpack } from '../../core/engine/entity-pack.ts'
import { fillEngine } from './fill-engine.ts'
import { largeEngine } from './large-engine.ts'
import { giveResult, taskInput } from './task.ts'

const { brokers, topic, principals } = taskInput<{
  readonly brokers: string[]
  readonly topic: string
  readonly principals: number
}>()
/** Of some 150 KB each; a broker takes a megabyte in one batch. */
const messagesPerSend = 4
const { Kafka, logLevel } = kafkajs
const kafka = new Kafka({ clientId: 'bench', brokers, logLevel: logLevel.NOTHING })
const admin = kafka.admin()
await admin.connect()
const configEntries = [{ name: 'cleanup.policy', value: 'compact' }]
await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1, configEntries }] })
await admin.disconnect()
const producer = kafka.producer()
await producer.connect()

const engine = largeEngine()
const kept = new KeptPacks()
let records = 0
const entities = await fillEngine(engine, principals, async () => {
  const packs = engine.cutState().packs()
  for (const _ of unpack(packs)) records++
  engine.drain()
  const time = { watermark: engine.watermark, sources: '', next: 0 }
  const messages = stateMessages({ packs, findings: [], closed: [], time }, 0, kept)
  for (let at = 0; at < messages.length; at += messagesPerSend)
    await producer.send({ topic, messages: messages.slice(at, at + messagesPerSend) })
})
await producer.disconnect()
giveResult({ entities, records })
