import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { freePort } from '../../test/peers/free-port.ts'
import type { BenchOptions, FigureSpec, Measure, Outcome } from '../figure.ts'
import { pipeLatenessMs, writeLiveConfig } from '../latency/live-config.ts'
import { startPicket } from '../latency/picket-process.ts'
import { quantile } from '../rounds.ts'
import { runTask } from '../run-task.ts'
import { workloadFile } from '../workloads/workload-file.ts'

interface Timed {
  readonly provisional: { readonly ms: readonly number[]; readonly lost: number }
  readonly sealed: { readonly ms: readonly number[]; readonly lost: number }
  readonly questionMs: readonly number[]
  readonly rate: number
  readonly waitingBytesMax: number
}

const shares = [
  ['p50', 0.5],
  ['p99', 0.99],
  ['p99.9', 0.999],
] as const
const what = {
  provisional:
    'event that proves, written to its pipe, until ext_authz refuses (provisional finding), half load',
  sealed: 'event that seals a pane, written to its pipe, until ext_authz refuses (final finding), half load',
} as const
type Kind = keyof typeof what

const seconds = { quick: 65, full: 150 }
/** The recording of the traffic beside the probes; it is sent over and over. */
const recordingSeconds = 15
/** For the load that `picket run` can take. */
const capacityEventsMax = 200_000

function spec(kind: Kind, share: (typeof shares)[number][0]): FigureSpec {
  const isTarget = kind === 'provisional' && share === 'p99'
  return {
    id: `latency-${kind}-${share}`,
    what: `${what[kind]}, ${share}`,
    unit: 'ms',
    reference: 'one question to ext_authz under the same load',
    ...(isTarget ? { target: { of: 'value' as const, below: 50 } } : {}),
  }
}

/** How long it takes from an event to the answer that gateways get, at half the load that `picket run` can take. */
export const decisionLatency: Measure = {
  id: 'latency',
  figures: (['provisional', 'sealed'] as const).flatMap((kind) => shares.map(([share]) => spec(kind, share))),
  async run(options) {
    const folder = mkdtempSync(join(tmpdir(), 'picket-bench-'))
    try {
      const capacity = await capacityOf(folder, options)
      options.report(`latency: picket run takes ${Math.round(capacity)} events/s; probing at half of it`)
      return outcomesOf(await timed(folder, capacity / 2, options))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

/** Events a second that `picket run` takes from a file, all detectors, state on disk. */
async function capacityOf(folder: string, options: BenchOptions): Promise<number> {
  const events = Math.min(options.events, capacityEventsMax)
  const { path } = workloadFile({ ...options, events, id: 'benign' })
  const source = `{ type: file, paths: ['${path}'], format: canonical }`
  const picket = startPicket(writeLiveConfig(join(folder, 'capacity'), source), options.built)
  await picket.ready
  const started = performance.now()
  const code = await picket.ended
  if (code !== 0) throw new Error(`picket run ended with ${code}: ${picket.log().slice(-1000)}`)
  return (1000 * events) / (performance.now() - started)
}

async function timed(folder: string, rate: number, options: BenchOptions): Promise<Timed> {
  const port = await freePort()
  const source = `{ type: stdin, format: canonical, lateness: ${pipeLatenessMs}ms }`
  const config = writeLiveConfig(join(folder, 'live'), source, port)
  const events = Math.max(1, Math.round(rate * recordingSeconds))
  const { path } = workloadFile({ ...options, events, id: 'benign', rate, folder })
  const duration = options.quick ? seconds.quick : seconds.full
  const input = { config, port, path, seconds: duration, latenessMs: pipeLatenessMs, built: options.built }
  return runTask<Timed>('time-decisions', input, { built: options.built })
}

function outcomesOf({ provisional, sealed, questionMs, rate, waitingBytesMax }: Timed): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>()
  const load = `beside ${Math.round(rate)} events/s`
  // More than a second's worth waiting in the pipe says that the load was too high to speak of half.
  const behind = waitingBytesMax > 2 ** 22 ? '; it fell behind the load' : ''
  for (const [kind, { ms, lost }] of [
    ['provisional', provisional],
    ['sealed', sealed],
  ] as const) {
    const never = lost === 0 ? '' : `; ${lost} never came`
    const note = `${ms.length} decisions ${load}${never}${behind}`
    for (const [name, share] of shares) {
      const value = quantile(ms, share)
      const outcome =
        ms.length === 0
          ? { unavailable: `no decision came ${load}` }
          : { value, reference: quantile(questionMs, share), note }
      outcomes.set(`latency-${kind}-${name}`, outcome)
    }
  }
  return outcomes
}
