import type { Canary } from './canaries.ts'
import { type CrashPoint, type Plan, planOf } from './plan.ts'
import { type Report, simulate } from './simulate.ts'
import { partitionNames } from './world.ts'

const minuteMs = 60_000

/** A run of so many minutes of traffic, killed about so often a minute. */
export function seededPlan(seed: number, minutes: number, killsPerMinute: number): Plan {
  return planOf(seed, { lengthMs: minutes * minuteMs, partitions: partitionNames.length, killsPerMinute })
}

/** A minute without other faults, killed at one call. */
export function crashPlan(seed: number, crashes: readonly CrashPoint[]): Plan {
  const common = { lengthMs: minuteMs, partitions: partitionNames.length, killsPerMinute: 0 }
  return planOf(seed, { ...common, crashes, calm: true })
}

/** What to simulate next; `undefined` when all is done. */
export type Work = () => AsyncGenerator<Report>

export function trials(from: number, count: number, minutes: number, kills: number, canary?: Canary): Work {
  return async function* () {
    for (let seed = from; seed < from + count; seed++)
      yield simulate(seededPlan(seed, minutes, kills), canary)
  }
}

/** The same minute, killed at each of its port calls in turn, before and after the call had its effect. */
export function everyCrash(seed: number, canary?: Canary, every = 1): Work {
  return async function* () {
    const whole = await simulate(crashPlan(seed, []), canary)
    yield whole
    for (let call = 1; call <= whole.calls; call += every) {
      yield simulate(crashPlan(seed, [{ call, after: false }]), canary)
      yield simulate(crashPlan(seed, [{ call, after: true }]), canary)
    }
  }
}

/** What many runs came to. */
export interface Total {
  runs: number
  kills: number
  exits: number
  calls: number
  accepted: number
  late: number
  refused: number
  findings: number
  effects: number
  decisions: number
  readonly failures: Report[]
}

export const noRuns = (): Total => ({
  runs: 0,
  kills: 0,
  exits: 0,
  calls: 0,
  accepted: 0,
  late: 0,
  refused: 0,
  findings: 0,
  effects: 0,
  decisions: 0,
  failures: [],
})

export function addRun(total: Total, report: Report): void {
  total.runs++
  for (const key of ['kills', 'exits', 'calls', 'accepted', 'late', 'refused'] as const)
    total[key] += report[key]
  for (const key of ['findings', 'effects', 'decisions'] as const) total[key] += report[key]
  if (report.violations.length > 0) total.failures.push(report)
}
