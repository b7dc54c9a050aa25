import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../test/peers/free-port.ts'
import { provideKafka } from '../../test/peers/kafka.ts'
import type { BenchOptions, Measure, Outcome } from '../figure.ts'
import { writePlaybooks } from '../latency/live-config.ts'
import type { SplitInput } from '../latency/split-input.ts'
import type { Timed } from '../latency/time-probes.ts'
import { quantile } from '../rounds.ts'
import { runTask } from '../run-task.ts'
import { workloadFile } from '../workloads/workload-file.ts'
import { writeClusterConfig } from './cluster-members.ts'
import { createTopic } from './filled-topic.ts'

const recordingSeconds = 15
/** What is written to find out what the cluster can take: as many clients as there are at such a rate. */
const capacityRate = 8000
const capacitySeconds = { quick: 20, full: 40 }
const seconds = { quick: 40, full: 120 }
const shares = [
  ['p50', 0.5],
  ['p99', 0.99],
] as const

/** How long it takes from an event in a topic to the answer of another process, roles split. */
export const splitLatency: Measure = {
  id: 'split-latency',
  figures: shares.map(([share]) => ({
    id: `latency-split-${share}`,
    what: `event that proves, sent to its topic, until ext_authz of a serve process refuses, roles in four processes, half load, ${share}`,
    unit: 'ms',
    reference: 'one question to ext_authz under the same load',
    ...(share === 'p99' ? { target: { of: 'value' as const, below: 500 } } : {}),
  })),
  async run(options) {
    const kafka = await provideKafka()
    if ('skip' in kafka) return new Map<string, Outcome>([['latency-split-p99', { unavailable: kafka.skip }]])
    const folder = mkdtempSync(join(tmpdir(), 'picket-bench-'))
    try {
      return await measured(folder, kafka.brokers, options)
    } finally {
      await kafka.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

/** Finds out in a first cluster what the machine bears with all processes on it, then probes a second one at half of that. */
async function measured(folder: string, brokers: string[], options: BenchOptions) {
  const { quick } = options
  const capacity = await inCluster<{ readonly rate: number }>(folder, brokers, options, {
    task: 'split-capacity',
    rate: capacityRate,
    seconds: quick ? capacitySeconds.quick : capacitySeconds.full,
  })
  options.report(
    `split-latency: the roles take ${Math.round(capacity.rate)} events/s together; probing at half of it`,
  )
  const timed = await inCluster<Timed>(folder, brokers, options, {
    task: 'time-split-decisions',
    rate: capacity.rate / 2,
    seconds: quick ? seconds.quick : seconds.full,
  })
  const { ms, lost } = timed.provisional
  const never = lost === 0 ? '' : `; ${lost} not within 20 s`
  const note = `${ms.length} decisions beside ${Math.round(timed.rate)} events/s${never}`
  return new Map<string, Outcome>(
    shares.map(([name, share]) => [
      `latency-split-${name}`,
      { value: quantile(ms, share), reference: quantile(timed.questionMs, share), note },
    ]),
  )
}

interface Work {
  readonly task: string
  /** Events a second of the recording. */
  readonly rate: number
  readonly seconds: number
}

/** Has a task done with a cluster of its own: a process for each role, on topics that nobody else uses. */
async function inCluster<Result>(
  folder: string,
  brokers: string[],
  options: BenchOptions,
  { task, rate, seconds }: Work,
): Promise<Result> {
  const { built } = options
  const topic = `bench-${task}-${process.pid}`
  await createTopic(brokers, topic)
  const port = await freePort()
  const setting = { folder: join(folder, task), brokers, topic, built }
  const more = {
    respond: writePlaybooks(setting.folder),
    serve: `enforcement: { envoy: { listen: { host: 127.0.0.1, port: ${port} } } }\n`,
  }
  const roles = ['ingest', 'detect', 'respond', 'serve'].map((role) => ({
    role,
    config: writeClusterConfig(setting, role, more[role as keyof typeof more]),
  }))
  const events = Math.round(rate * recordingSeconds)
  const { path } = workloadFile({ ...options, events, id: 'benign', rate, folder })
  const input: SplitInput = { brokers, topic, roles, port, path, seconds, built }
  return runTask<Result>(task, input, { built })
}
