import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../test/peers/free-port.ts'
import { provideKafka } from '../../test/peers/kafka.ts'
import type { BenchOptions, Measure, Outcome } from '../figure.ts'
import { writePlaybooks } from '../latency/live-config.ts'
import type { Timed } from '../latency/time-probes.ts'
import { quantile } from '../rounds.ts'
import { runTask } from '../run-task.ts'
import { workloadFile } from '../workloads/workload-file.ts'
import { writeClusterConfig } from './cluster-members.ts'
import { createTopic } from './filled-topic.ts'

/**
 * Events a second, somewhat below half load: an event costs some 130 µs of processor time in `ingest`, `detect` and the broker
 * together, and two cores bear some 15,000 events a second of it.
 */
const rate = 5000
const recordingSeconds = 15
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

async function measured(folder: string, brokers: string[], options: BenchOptions) {
  const { quick, built, report } = options
  const topic = `bench-split-${process.pid}`
  await createTopic(brokers, topic)
  const port = await freePort()
  const setting = { folder, brokers, topic, built }
  const more = {
    respond: writePlaybooks(folder),
    serve: `enforcement: { envoy: { listen: { host: 127.0.0.1, port: ${port} } } }\n`,
  }
  const roles = ['ingest', 'detect', 'respond', 'serve'].map((role) => ({
    role,
    config: writeClusterConfig(setting, role, more[role as keyof typeof more]),
  }))
  const { path } = workloadFile({ ...options, events: rate * recordingSeconds, id: 'benign', rate, folder })
  const input = { brokers, topic, roles, port, path, seconds: quick ? seconds.quick : seconds.full, built }
  report(`split-latency: probing at ${rate} events/s`)
  const timed = await runTask<Timed>('time-split-decisions', input, { built })
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
