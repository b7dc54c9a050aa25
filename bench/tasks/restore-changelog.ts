// Reads the messages of a changelog, and no more, or, with `restore`, into an engine meanwhile, as `detect` does when it takes a partition over.
import { performance } from 'node:perf_hooks'
import { resourceUsage } from 'node:process'
import kafkajs from 'kafkajs'
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
/** Only the end has no offset: what lies before it is all state. */
const end = Number.MAX_SAFE_INTEGER
const restoring = new Restoring({ engine, barrier: end - 1, isOver: () => false })
await readToEnd({
  kafka,
  prefix: topic,
  ends: new Map([[topic, ends]]),
  onMessage(_topic, partition, message) {
    if (bytes === 0) started = performance.now()
    bytes += message.value?.length ?? 0
    const next = Number(message.offset) + 1
    return restore ? restoring.take({ topic, partition, messages: [message], next, high: end }) : undefined
  },
})
if (restore) {
  const restored = await restoring.take({ topic, partition: 0, messages: [], next: end, high: end })
  engine.restored(restored?.time?.watermark ?? Number.NEGATIVE_INFINITY, [])
}
const ms = performance.now() - started
giveResult({ ms, bytes, entities: entitiesOf(engine), rssBytes: resourceUsage().maxRSS * 1024 })
