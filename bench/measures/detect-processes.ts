import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs, { type Admin } from 'kafkajs'
import { provideKafka } from '../../test/peers/kafka.ts'
import type { BenchOptions, Measure, Outcome } from '../figure.ts'
import type { PicketProcess } from '../latency/picket-process.ts'
import { inTurns } from '../rounds.ts'
import { workloadFile } from '../workloads/workload-file.ts'
import {
  type ClusterSetting,
  partitions,
  progressOf,
  startMember,
  stopMembers,
  until,
} from './cluster-members.ts'
import { fillTopic } from './filled-topic.ts'

const { Kafka, logLevel } = kafkajs
/** Behind the last record of each partition stand the marks of its transactions, which nobody commits. */
const marks = partitions * 2

/** Two `detect` processes beside one, over the same observations. */
export const detectProcesses: Measure = {
  id: 'detect-processes',
  figures: [
    {
      id: 'two-detects',
      what: 'observations in Kafka to findings, two processes with the role detect; workload mixed, four partitions',
      unit: 'events/s',
      reference: 'one such process',
      target: { of: 'ratio', atLeast: 1.6 },
    },
    {
      id: 'one-ingest',
      what: 'a topic of two partitions to observations, one process with the role ingest; workload mixed',
      unit: 'events/s',
    },
  ],
  async run(options) {
    const kafka = await provideKafka()
    if ('skip' in kafka) return new Map<string, Outcome>([['two-detects', { unavailable: kafka.skip }]])
    const folder = mkdtempSync(join(tmpdir(), 'picket-bench-'))
    const admin = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).admin()
    try {
      await admin.connect()
      return await measured({ admin, folder, brokers: kafka.brokers }, options)
    } finally {
      await admin.disconnect()
      await kafka.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

interface Place {
  readonly admin: Admin
  readonly folder: string
  readonly brokers: string[]
}

async function measured(place: Place, options: BenchOptions): Promise<ReadonlyMap<string, Outcome>> {
  const { admin, folder, brokers } = place
  const { events, rounds, report, built } = options
  const topic = `bench-detect-${process.pid}`
  const setting = { folder, brokers, topic, built }
  const { path } = workloadFile({ ...options, id: 'mixed' })
  report('detect-processes: filling the topic')
  await fillTopic(brokers, topic, path)
  report('detect-processes: ingesting')
  const ingest = startMember(setting, 'ingest', 'ingest')
  const ingested = await timeGroup(admin, topic, topic, [ingest], '"msg":"ready"')
  await stopMembers([ingest])
  const run = async (count: number) => {
    report(`detect-processes: judging with ${count}`)
    await forgetState(admin, topic)
    return (await judged(setting, admin, count)) * events
  }
  const [reference = Number.NaN, value = Number.NaN] = await inTurns(rounds, [() => run(1), () => run(2)])
  return new Map<string, Outcome>([
    ['two-detects', { value, reference }],
    ['one-ingest', { value: ingested * events }],
  ])
}

/** As a new installation, except that the observations are there. */
async function forgetState(admin: Admin, topic: string): Promise<void> {
  const existing = new Set(await admin.listTopics())
  const topics = [`${topic}.state`, `${topic}.findings`].filter((name) => existing.has(name))
  if (topics.length > 0) await admin.deleteTopics({ topics })
  const { groups } = await admin.listGroups()
  const groupId = `${topic}.detect`
  if (groups.some((group) => group.groupId === groupId)) await admin.deleteGroups([groupId])
}

/** What share of all observations so many processes judge in a second. */
async function judged(setting: ClusterSetting, admin: Admin, count: number): Promise<number> {
  const members = Array.from({ length: count }, (_, index) =>
    startMember(setting, `detect-${index}`, 'detect'),
  )
  const share = await timeGroup(
    admin,
    `${setting.topic}.detect`,
    `${setting.topic}.observations`,
    members,
    'judging this partition',
  )
  await stopMembers(members)
  return share
}

/** What share of a topic a group does in a second, once each process has said that it works. */
async function timeGroup(
  admin: Admin,
  group: string,
  topic: string,
  members: readonly PicketProcess[],
  working: string,
): Promise<number> {
  await until(() => members.every((member) => member.log().includes(working)), members)
  const startedAt = performance.now()
  const before = await progressOf(admin, group, topic)
  let after = before
  await until(async () => {
    after = await progressOf(admin, group, topic)
    return after.done >= after.all - marks
  }, members)
  return (after.done - before.done) / after.all / ((performance.now() - startedAt) / 1000)
}
