import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../test/peers/free-port.ts'
import type { BenchOptions, FigureSpec, Measure, Outcome } from '../figure.ts'
import { pipeLatenessMs, writeLiveConfig } from '../latency/live-config.ts'
import type { Timed } from '../latency/time-probes.ts'
import { quantile } from '../rounds.ts'
import { runTask } from '../run-task.ts'
import { workloadFile } from '../workloads/workload-file.ts'

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
/** What is written to find out what `picket run` can take: as many clients as there are at such a rate. */
const capacityRate = 25_000
const capacityEvents = capacityRate * 10
const capacitySeconds = { quick: 15, full: 40 }
/** Fewer decisions say nothing about one in a hundred. */
const decisionsMin = 200

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

/** Events a second that `picket run` takes from a pipe beside the writer and the questions, all detectors, state on disk. */
async function capacityOf(folder: string, options: BenchOptions): Promise<number> {
  const port = await freePort()
  const source = `{ type: stdin, format: canonical, lateness: ${pipeLatenessMs}ms }`
  const config = writeLiveConfig(join(folder, 'capacity'), source, port)
  const { path } = workloadFile({
    ...options,
    events: capacityEvents,
    id: 'benign',
    rate: capacityRate,
    folder,
  })
  const duration = options.quick ? capacitySeconds.quick : capacitySeconds.full
  const input = { config, port, path, seconds: duration, built: options.built }
  const { rate } = await runTask<{ readonly rate: number }>('pipe-capacity', input, { built: options.built })
  return rate
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
  // So much waiting in the pipe, after the warm-up, says that the load was too high to speak of half.
  const behind = waitingBytesMax > 2 ** 22 ? '; it fell behind the load' : ''
  for (const [kind, { ms, lost }] of [
    ['provisional', provisional],
    ['sealed', sealed],
  ] as const) {
    const never = lost === 0 ? '' : `; ${lost} not within 20 s`
    const few = kind === 'provisional' && ms.length < decisionsMin ? '; too few for a p99' : ''
    const note = `${ms.length} decisions ${load}${never}${few}${behind}`
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
