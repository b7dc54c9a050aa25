import type { BenchOptions, Measure, Outcome } from '../figure.ts'
import { inTurns } from '../rounds.ts'
import { runTask } from '../run-task.ts'
import { workloadFile } from '../workloads/workload-file.ts'
import { type WorkloadId, workloadIds } from '../workloads/workloads.ts'
import { rate, replayed } from './replay-rate.ts'

/** From a file to findings, all detectors, one worker, beside a bare loop of JSON.parse over the same file. */
export const fileToFindings: Measure = {
  id: 'file',
  figures: workloadIds.map((id) => ({
    id: `file-${id}`,
    what: `file to findings, all detectors, one worker; workload ${id}`,
    unit: 'events/s',
    reference: 'bare JSON.parse loop',
    target: { of: 'ratio', atLeast: 1 },
  })),
  async run(options) {
    const outcomes = new Map<string, Outcome>()
    for (const id of workloadIds) outcomes.set(`file-${id}`, await measured(id, options))
    return outcomes
  },
}

async function measured(id: WorkloadId, options: BenchOptions): Promise<Outcome> {
  const { events, rounds, report, built } = options
  report(`file-${id}: making ${events} events`)
  const { path } = workloadFile({ ...options, id })
  let findings = 0
  const [reference = Number.NaN, value = Number.NaN] = await inTurns(rounds, [
    async () => rate(await runTask<{ events: number; ms: number }>('parse-file', { path }, { built })),
    async () => {
      report(`file-${id}: replaying`)
      const result = await replayed({ inputs: [path] }, events, options)
      findings = result.findings
      return rate(result)
    },
  ])
  return { value, reference, note: `${findings} findings` }
}
