import type { Measure } from '../figure.ts'
import { median } from '../rounds.ts'
import { runTask } from '../run-task.ts'

interface LookedUp {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly referenceP50Ms: number
  readonly referenceP99Ms: number
  readonly decisions: number
  readonly refusedShare: number
}

const decisions = 100_000
const lookupsMax = 200_000

/** Answers to gateways, in process: what a lookup costs among very many decisions, ranges included. */
export const decisionLookups: Measure = {
  id: 'lookup',
  figures: [
    {
      id: 'lookup-p50',
      what: 'decision lookup among 100k decisions (addresses, /64s, networks, principals, tokens), p50',
      unit: 'µs',
      reference: 'one access to a map of addresses',
    },
    {
      id: 'lookup-p99',
      what: 'the same, p99',
      unit: 'µs',
      reference: 'one access to a map of addresses',
      target: { of: 'value', below: 100 },
    },
  ],
  async run({ rounds, built, report, events }) {
    const runs: LookedUp[] = []
    for (let round = 0; round < rounds; round++) {
      report('lookup: looking up')
      const input = { decisions, lookups: Math.min(lookupsMax, events) }
      runs.push(await runTask<LookedUp>('look-up-decisions', input, { built }))
    }
    const micros = (of: (run: LookedUp) => number) => 1000 * median(runs.map(of))
    const refused = Math.round(100 * (runs[0]?.refusedShare ?? 0))
    const note = `${runs[0]?.decisions} decisions, ${refused}% of the requests refused`
    return new Map([
      [
        'lookup-p50',
        { value: micros((run) => run.p50Ms), reference: micros((run) => run.referenceP50Ms), note },
      ],
      [
        'lookup-p99',
        { value: micros((run) => run.p99Ms), reference: micros((run) => run.referenceP99Ms), note },
      ],
    ])
  },
}
