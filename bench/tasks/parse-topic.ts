// The reference for Kafka: kafkajs with its defaults, eachBatch, JSON.parse, two fields touched. It keeps nothing.
import { performance } from 'node:perf_hooks'
import kafkajs from 'kafkajs'
import { giveResult, taskInput } from './task.ts'

const { Kafka, logLevel } = kafkajs
const { brokers, topic, events } = taskInput<{
  readonly brokers: string[]
  readonly topic: string
  readonly events: number
}>()

const started = performance.now()
const kafka = new Kafka({ clientId: 'bench', brokers, logLevel: logLevel.NOTHING })
const consumer = kafka.consumer({ groupId: `bench-${process.pid}` })
await consumer.connect()
await consumer.subscribe({ topics: [topic], fromBeginning: true })
let seen = 0
let touched = 0
await new Promise<void>((resolve, reject) => {
  consumer
    .run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { value } of batch.messages) {
          const line = JSON.parse((value ?? '').toString()) as { time: string; status: number }
          touched += line.status + line.time.length
        }
        seen += batch.messages.length
        if (seen >= events) resolve()
      },
    })
    .catch(reject)
})
const ms = performance.now() - started
await consumer.disconnect()
giveResult({ events: seen, ms, touched })
