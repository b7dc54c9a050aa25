// Reads the messages of a changelog, and no more, or, with `restore`, into an engine meanwhile, as `detect` does when it takes a partition over.
import { performance } from 'node:perf_hooks'
import { resourceUsage } from 'node:process'
import kafkajs, { type KafkaMessage } from 'kafkajs'
import { Restoring } from '../../cli/cluster/detect/restoring.ts'
import { readToEnd } from '../../storage/kafka/read-to-end.ts'
import { entitiesOf } from './fill-engine.ts'
import { largeEngine } from './large-engine.ts'
import { giveResult, taskInput } from './task.ts'

const { brokers, topic, restore } = taskInput<{
  readonly brokers: string[]
  readonly topic: string
  readonly restore: boolean
}>()
const engine = largeEngine()
const { Kafka, logLevel } = kafkajs
const kafka = new Kafka({ clientId: 'bench', brokers, logLevel: logLevel.NOTHING })
const admin = kafka.admin()
await admin.connect()
const offsets = await admin.fetchTopicOffsets(topic)
await admin.disconnect()
const ends = offsets.map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }))

let bytes = 0
/** When the first message came: to join the group takes as long as the broker lets others come. */
let started = Number.NaN
/** `detect` gets about as many bytes at once. */
const batchBytes = 2 ** 20
let messages: KafkaMessage[] = []
let messagesBytes = 0
/** Only the end has no offset: what lies before it is all state. */
const end = Number.MAX_SAFE_INTEGER
const restoring = new Restoring({ engine, barrier: end - 1, isOver: () => false })
await readToEnd({
  kafka,
  prefix: topic,
  ends: new Map([[topic, ends]]),
  async onMessage(_topic, _partition, message) {
    if (bytes === 0) started = performance.now()
    const length = message.value?.length ?? 0
    bytes += length
    if (!restore) return
    messages.push(message)
    messagesBytes += length
    if (messagesBytes >= batchBytes) await takeBatch(Number(message.offset) + 1)
  },
})
if (restore) {
  const restored = await takeBatch(end)
  engine.restored(restored?.time?.watermark ?? Number.NEGATIVE_INFINITY, [])
}
const ms = performance.now() - started
giveResult({ ms, bytes, entities: entitiesOf(engine), rssBytes: resourceUsage().maxRSS * 1024 })

function takeBatch(next: number): ReturnType<Restoring['take']> {
  const batch = { topic, partition: 0, messages, next, high: end }
  messages = []
  messagesBytes = 0
  return restoring.take(batch)
}
