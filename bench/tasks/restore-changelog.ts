// Reads the messages of a changelog, and no more, or, with `restore`, into an engine as `detect` does when it takes a partition over.
import { performance } from 'node:perf_hooks'
import { resourceUsage } from 'node:process'
import kafkajs from 'kafkajs'
import { StateRecords } from '../../cli/cluster/detect/changelog/state-records.ts'
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
const records = new StateRecords()
await readToEnd({
  kafka,
  prefix: topic,
  ends: new Map([[topic, ends]]),
  onMessage(_topic, _partition, { key, value }) {
    if (bytes === 0) started = performance.now()
    bytes += value?.length ?? 0
    if (restore) records.take(String(key), value)
  },
})
if (restore) {
  const { packs, time } = records.read()
  for (const pack of packs) engine.restore(pack)
  engine.restored(time?.watermark ?? Number.NEGATIVE_INFINITY, [])
}
const ms = performance.now() - started
giveResult({ ms, bytes, entities: entitiesOf(engine), rssBytes: resourceUsage().maxRSS * 1024 })
