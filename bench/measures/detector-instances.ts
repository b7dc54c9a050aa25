import type { Measure, Outcome } from '../figure.ts'
import { inTurns } from '../rounds.ts'
import { workloadFile } from '../workloads/workload-file.ts'
import { rate, replayed } from './replay-rate.ts'

const counts = [4, 10, 50, 200] as const
const referenceCount = 10
/** Enough to tell, and few enough for two hundred instances to take no longer than the other figures. */
const eventsMax = 50_000
const flags = ['--max-old-space-size=12000']

/** The cost of an event by the number of configured detectors. How instances are made stands in `instances.ts`. */
export const detectorInstances: Measure = {
  id: 'instances',
  figures: counts.map((count) => ({
    id: `instances-${count}`,
    what: `cost of an event, file to findings, with ${count} configured detectors; workload mixed`,
    unit: 'µs',
    reference: `with ${referenceCount}`,
    ...(count === 200 ? { target: { of: 'ratio' as const, below: 3 } } : {}),
  })),
  async run(options) {
    const events = Math.min(options.events, eventsMax)
    const { path } = workloadFile({ ...options, events, id: 'mixed' })
    const costs = await inTurns(
      options.rounds,
      counts.map((instances) => async () => {
        options.report(`instances: ${instances}`)
        return 1e6 / rate(await replayed({ inputs: [path], instances }, events, options, flags))
      }),
    )
    const reference = costs[counts.indexOf(referenceCount)] ?? Number.NaN
    return new Map(
      counts.map((count, index): [string, Outcome] => [
        `instances-${count}`,
        { value: costs[index] ?? Number.NaN, reference },
      ]),
    )
  },
}
