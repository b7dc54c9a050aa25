import { join } from 'node:path'
import type { BenchOptions, Measure, Outcome } from '../figure.ts'
import { rate, replayed } from '../measures/replay-rate.ts'
import { inTurns } from '../rounds.ts'
import { workloadFile } from '../workloads/workload-file.ts'
import { flinkClassPath, runFlink } from './flink-job.ts'
import { rsigmaBinary, runRsigma } from './rsigma-engine.ts'

/** Where peers are built. */
const peersFolder = ({ folder }: BenchOptions) => join(folder, 'peers')

/** The same file through Picket with all its detectors and through a peer with four rules, in turns. */
async function beside(
  id: string,
  options: BenchOptions,
  peers: readonly ((path: string) => Promise<number>)[],
): Promise<readonly number[]> {
  const { events, rounds, report } = options
  const { path } = workloadFile({ ...options, id: 'mixed' })
  return inTurns(rounds, [
    async () => {
      report(`${id}: picket`)
      return rate(await replayed({ inputs: [path] }, events, options))
    },
    ...peers.map((peer) => async () => {
      report(`${id}: the peer`)
      return peer(path)
    }),
  ])
}

const flink: Measure = {
  id: 'flink',
  figures: [
    {
      id: 'flink',
      what: 'file to findings, all detectors, beside four keyed rules in Apache Flink 2.1; workload mixed',
      unit: 'events/s',
      reference: 'Flink, the faster of one and two slots',
      target: { of: 'ratio', atLeast: 2 },
    },
  ],
  async run(options) {
    options.report('flink: building the job, on first use from Maven artifacts')
    const classPath = await flinkClassPath(peersFolder(options))
    const slots = (count: number) => async (path: string) => {
      const result = await runFlink(classPath, path, count)
      if (result.events !== options.events) throw new Error(`Flink saw ${result.events} events`)
      return rate(result)
    }
    const [value = Number.NaN, one = Number.NaN, two = Number.NaN] = await beside('flink', options, [
      slots(1),
      slots(2),
    ])
    const note = `one slot ${Math.round(one)}, two slots ${Math.round(two)} events/s`
    return new Map<string, Outcome>([['flink', { value, reference: Math.max(one, two), note }]])
  },
}

const rsigma: Measure = {
  id: 'rsigma',
  figures: [
    {
      id: 'rsigma',
      what: 'file to findings, all detectors, beside four Sigma correlations in rsigma 0.23; workload mixed',
      unit: 'events/s',
      reference: 'rsigma engine eval',
      target: { of: 'ratio', atLeast: 3 },
    },
  ],
  async run(options) {
    options.report('rsigma: compiling it, on first use from crates.io; this takes minutes')
    const binary = await rsigmaBinary(peersFolder(options))
    const [value = Number.NaN, reference = Number.NaN] = await beside('rsigma', options, [
      async (path) => (1000 * options.events) / (await runRsigma(binary, path)),
    ])
    return new Map<string, Outcome>([['rsigma', { value, reference }]])
  },
}

/** What `npm run bench:peers` measures. */
export const peerMeasures: readonly Measure[] = [flink, rsigma]
