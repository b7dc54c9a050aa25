import { replayCommand } from '../../cli/commands/replay.ts'
import type { Measure } from '../figure.ts'
import { inTurns } from '../rounds.ts'
import { workloadFile } from '../workloads/workload-file.ts'
import { rate, replayed } from './replay-rate.ts'

/** Two workers beside one, over the same file. */
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
  ],
  async run(options) {
    const hasWorkers = replayCommand().options.some(({ long }) => long === '--workers')
    if (!hasWorkers)
      return new Map([['two-workers', { unavailable: 'picket replay has no option --workers' }]])
    const { events, rounds, report } = options
    const { path } = workloadFile({ ...options, id: 'mixed' })
    const measure = async (workers: number) => {
      report(`two-workers: replaying with ${workers}`)
      return rate(await replayed({ inputs: [path], workers }, events, options))
    }
    const [reference = Number.NaN, value = Number.NaN] = await inTurns(rounds, [
      () => measure(1),
      () => measure(2),
    ])
    return new Map([['two-workers', { value, reference }]])
  },
}
