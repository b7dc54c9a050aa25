import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs from 'kafkajs'
import { freePort } from '../../test/peers/free-port.ts'
import { provideKafka } from '../../test/peers/kafka.ts'
import type { BenchOptions, Measure, Outcome } from '../figure.ts'
import { writeLiveConfig } from '../latency/live-config.ts'
import { startPicket } from '../latency/picket-process.ts'
import { quantile } from '../rounds.ts'
import { runTask } from '../run-task.ts'
import { workloadFile } from '../workloads/workload-file.ts'
import { fillTopic } from './filled-topic.ts'

const { Kafka, logLevel } = kafkajs
const partitions = 4
/** Transactions and changelogs cost much more than judging does. */
const eventsMax = 200_000
/** Half of what the four processes take on two cores. */
const halfLoad = 1000

/** Roles split over processes, with Kafka between them. */
export const cluster: Measure = {
  id: 'cluster',
  figures: [
    {
      id: 'cluster-two-detect',
      what: 'observations to findings over Kafka, two detect processes; workload many-keys',
      unit: 'events/s',
      reference: 'one detect process',
      target: { of: 'ratio', atLeast: 1.6 },
    },
    {
      id: 'cluster-latency-provisional-p99',
      what: 'event that proves, sent to its topic, until ext_authz refuses, four roles in four processes, p99',
      unit: 'ms',
      target: { of: 'value', below: 500 },
    },
  ],
  async run(options) {
    const kafka = await provideKafka()
    if ('skip' in kafka)
      return new Map<string, Outcome>([['cluster-two-detect', { unavailable: kafka.skip }]])
    const folder = mkdtempSync(join(tmpdir(), 'picket-bench-'))
    try {
      return new Map<string, Outcome>([
        ['cluster-two-detect', await twoDetect(kafka.brokers, folder, options)],
        ['cluster-latency-provisional-p99', await latency(kafka.brokers, folder, options)],
      ])
    } finally {
      await kafka.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function configure(folder: string, brokers: string[], topic: string, prefix: string, port?: number): string {
  const hosts = brokers.map((broker) => `'${broker}'`).join(', ')
  const source = `{ type: kafka, brokers: [${hosts}], topics: [{ name: ${topic} }], group: ${prefix}, lateness: 1s }`
  const more = `cluster: { prefix: ${prefix}, partitions: ${partitions}, session_timeout: 6s }`
  return writeLiveConfig(join(folder, prefix), source, port, more)
}

/** Observations are made first, so that only judging is timed: from the first commit of the group until it has read all. */
async function twoDetect(brokers: string[], folder: string, options: BenchOptions): Promise<Outcome> {
  const events = Math.min(options.events, eventsMax)
  const { path } = workloadFile({ ...options, events, id: 'many-keys' })
  const topic = `bench-spread-${process.pid}`
  await fillTopic(brokers, topic, path)
  const rates: number[] = []
  for (const count of [1, 2]) {
    options.report(`cluster: ${count} detect`)
    const prefix = `bench-detect-${process.pid}-${count}`
    const config = configure(folder, brokers, topic, prefix)
    const ingest = startPicket(config, options.built, ['--roles', 'ingest'])
    await ingest.ready
    await untilRead(brokers, prefix, topic)
    ingest.child.kill('SIGTERM')
    await ingest.ended
    const detects = Array.from({ length: count }, () =>
      startPicket(config, options.built, ['--roles', 'detect']),
    )
    await Promise.all(detects.map(({ ready }) => ready))
    const ms = await untilRead(brokers, `${prefix}.detect`, `${prefix}.observations`)
    for (const { child } of detects) child.kill('SIGTERM')
    await Promise.all(detects.map(({ ended }) => ended))
    rates.push((1000 * events) / ms)
  }
  const [reference = Number.NaN, value = Number.NaN] = rates
  return { value, reference }
}

/** Waits until a group has read all of a topic; milliseconds since its first commit was seen. */
async function untilRead(brokers: string[], groupId: string, topic: string): Promise<number> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  let begun: number | undefined
  try {
    for (;;) {
      await sleep(50)
      const ends = new Map(
        (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]),
      )
      const [read] = await admin.fetchOffsets({ groupId, topics: [topic] }).catch(() => [])
      const offsets = (read?.partitions ?? []).map(
        ({ partition, offset }) => [partition, Number(offset)] as const,
      )
      if (offsets.some(([, offset]) => offset > 0)) begun ??= performance.now()
      // The last offset may be the mark of a transaction, which nobody reads.
      const isRead =
        offsets.length > 0 && offsets.every(([partition, offset]) => offset >= (ends.get(partition) ?? 0) - 1)
      if (isRead && begun !== undefined) return performance.now() - begun
    }
  } finally {
    await admin.disconnect()
  }
}

async function latency(brokers: string[], folder: string, options: BenchOptions): Promise<Outcome> {
  options.report('cluster: latency')
  const port = await freePort()
  const topic = `bench-latency-${process.pid}`
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 2 }] })
  await admin.disconnect()
  const config = configure(folder, brokers, topic, `bench-latency-${process.pid}`, port)
  const { path } = workloadFile({ ...options, events: halfLoad * 15, id: 'benign', rate: halfLoad, folder })
  const seconds = options.quick ? 30 : 90
  const input = { config, brokers, topic, port, path, seconds, built: options.built }
  const timed = await runTask<{ ms: number[]; lost: number; rate: number; waitingBytesMax: number }>(
    'time-cluster-decisions',
    input,
    { built: options.built },
  )
  if (timed.ms.length === 0)
    return { unavailable: `no decision came beside ${Math.round(timed.rate)} events/s` }
  const p50 = Math.round(quantile(timed.ms, 0.5))
  const never = timed.lost === 0 ? '' : `; ${timed.lost} never came`
  const note = `p50 ${p50} ms; ${timed.ms.length} decisions beside ${Math.round(timed.rate)} events/s${never}`
  return { value: quantile(timed.ms, 0.99), note }
}
