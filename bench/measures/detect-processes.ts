import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs, { type Admin } from 'kafkajs'
import { type KafkaBroker, provideKafka } from '../../test/peers/kafka.ts'
import type { BenchOptions, Measure, Outcome } from '../figure.ts'
import type { PicketProcess } from '../latency/picket-process.ts'
import { processorMs } from '../processor-time.ts'
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
      const broker = 'process' in kafka ? (kafka as KafkaBroker).process.pid : undefined
      return await measured({ admin, folder, brokers: kafka.brokers, broker }, options)
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
  /** Process of the broker, where it was started here. */
  readonly broker: number | undefined
}

/** How fast it went, and what the processes and the broker took of the processor meanwhile. */
interface Judged {
  readonly share: number
  readonly cores: readonly number[]
  readonly broker: number
}

async function measured(place: Place, options: BenchOptions): Promise<ReadonlyMap<string, Outcome>> {
  const { admin, folder, brokers, broker } = place
  const { events, rounds, report, built } = options
  const topic = `bench-detect-${process.pid}`
  const setting = { folder, brokers, topic, built }
  const { path } = workloadFile({ ...options, id: 'mixed' })
  report('detect-processes: filling the topic')
  await fillTopic(brokers, topic, path)
  report('detect-processes: ingesting')
  const ingest = startMember(setting, 'ingest', 'ingest')
  const ingested = await timeGroup({ admin, broker, group: topic, topic }, [ingest], '"msg":"ready"')
  await stopMembers([ingest])
  const used: { [count: number]: Judged } = {}
  const run = async (count: number) => {
    report(`detect-processes: judging with ${count}`)
    await forgetState(admin, topic)
    const last = await judged(setting, place, count)
    used[count] = last
    return last.share * events
  }
  const [reference = Number.NaN, value = Number.NaN] = await inTurns(rounds, [() => run(1), () => run(2)])
  return new Map<string, Outcome>([
    ['two-detects', { value, reference, note: [used[1], used[2]].map(coresTold).join('; ') }],
    ['one-ingest', { value: ingested.share * events, note: coresTold(ingested) }],
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
async function judged(setting: ClusterSetting, { admin, broker }: Place, count: number): Promise<Judged> {
  const members = Array.from({ length: count }, (_, index) =>
    startMember(setting, `detect-${index}`, 'detect'),
  )
  const { topic } = setting
  const followed = { admin, broker, group: `${topic}.detect`, topic: `${topic}.observations` }
  const done = await timeGroup(followed, members, 'judging this partition')
  await stopMembers(members)
  return done
}

interface Followed {
  readonly admin: Admin
  readonly broker: number | undefined
  readonly group: string
  readonly topic: string
}

/** What share of a topic a group does in a second, once each process has said that it works. */
async function timeGroup(
  { admin, broker, group, topic }: Followed,
  members: readonly PicketProcess[],
  working: string,
): Promise<Judged> {
  await until(() => members.every((member) => member.log().includes(working)), members)
  const pids = [...members.map(({ child }) => child.pid), broker]
  const usedBefore = pids.map(processorMs)
  const startedAt = performance.now()
  const before = await progressOf(admin, group, topic)
  let after = before
  await until(async () => {
    after = await progressOf(admin, group, topic)
    return after.done >= after.all - marks
  }, members)
  const ms = performance.now() - startedAt
  const cores = pids.map((pid, index) => (processorMs(pid) - (usedBefore[index] as number)) / ms)
  const share = ((after.done - before.done) / after.all / ms) * 1000
  return { share, cores: cores.slice(0, -1), broker: cores.at(-1) as number }
}

/** `2 processes 0.85 + 0.86 cores, the broker 0.22`. */
function coresTold(judged: Judged | undefined): string {
  const { cores, broker } = judged ?? { cores: [], broker: Number.NaN }
  const process = cores.length === 1 ? 'one process' : `${cores.length} processes`
  return `${process} ${cores.map((one) => one.toFixed(2)).join(' + ')} cores, the broker ${broker.toFixed(2)}`
}
