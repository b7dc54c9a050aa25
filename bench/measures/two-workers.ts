import type { Measure } from '../figure.ts'
import { inTurns } from '../rounds.ts'
import { workloadFile } from '../workloads/workload-file.ts'
import { rate, replayed } from './replay-rate.ts'

/** Two workers beside one, over the same file; and what the machine's second core gives to work that shares nothing. */
export const twoWorkers: Measure = {
  id: 'workers',
  figures: [
    {
      id: 'two-workers',
      what: 'file to findings, all detectors, two workers; workload mixed',
      unit: 'events/s',
      reference: 'one worker',
      target: { of: 'ratio', atLeast: 1.6 },
    },
    {
      id: 'two-processes',
      what: 'the same by two processes at once that share nothing, together; workload mixed',
      unit: 'events/s',
      reference: 'one worker',
    },
  ],
  async run(options) {
    const { events, rounds, report } = options
    const { path } = workloadFile({ ...options, id: 'mixed' })
    const measure = async (workers: number) => {
      report(`two-workers: replaying with ${workers}`)
      return rate(await replayed({ inputs: [path], workers }, events, options))
    }
    const apart = async () => {
      const rates = await Promise.all([measure(1), measure(1)])
      return rates.reduce((sum, one) => sum + one, 0)
    }
    const [reference = Number.NaN, value = Number.NaN, ceiling = Number.NaN] = await inTurns(rounds, [
      () => measure(1),
      () => measure(2),
      apart,
    ])
    return new Map([
      ['two-workers', { value, reference }],
      ['two-processes', { value: ceiling, reference }],
    ])
  },
}
