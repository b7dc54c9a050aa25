import { MemoryState } from '../../storage/memory/memory-state.ts'
import { type Random, seededRandom } from '../scenarios/random.ts'
import type { Canary } from './canaries.ts'
import { IntakeLedger } from './intake-ledger.ts'
import type { Fate } from './life.ts'
import { isWithin, type Plan } from './plan.ts'
import { Scheduler } from './scheduler.ts'
import { mayBeLate, type SimulatedPartition, startOfTraffic, workload } from './workload.ts'

/** Sources and their partitions; the lines of `files` are merged by time, `queue` is told what is durable. */
export const sourceNames = {
  topic: ['topic:0', 'topic:1'],
  files: ['a.log', 'b.log'],
  queue: ['queue'],
} as const
export const partitionNames = Object.entries(sourceNames).flatMap(([source, names]) =>
  names.map((name) => ({ source, name })),
)

/** Everything that outlives a process: the disk, the receivers, the traffic, and what is known to be wrong. */
export class World implements Fate {
  readonly plan: Plan
  readonly canary: Canary | undefined
  readonly scheduler: Scheduler
  readonly random: Random
  readonly memory = new MemoryState()
  readonly partitions: readonly SimulatedPartition[]
  /** Whether an event may rightly be late. */
  readonly mayBeLate: boolean
  readonly intake: IntakeLedger
  /** What was found wrong while it happened. */
  readonly violations: string[] = []
  /** No more faults: what is left to do must now come to its end. */
  isHealed = false
  calls = 0
  readonly callsOf = new Map<string, number>()

  constructor(plan: Plan, canary?: Canary) {
    this.plan = plan
    this.canary = canary
    this.random = seededRandom(plan.seed ^ 0xfa17)
    this.scheduler = new Scheduler(seededRandom(plan.seed ^ 0x0de5))
    this.partitions = workload(plan, partitionNames)
    this.mayBeLate = mayBeLate(plan, this.partitions)
    this.intake = new IntakeLedger(this)
  }

  /** The wall clock of the machine: virtual time, and the jumps that somebody made it take. Epoch milliseconds. */
  now(): number {
    const { now } = this.scheduler
    const jumps = this.plan.clockJumps.filter(({ at }) => at <= now)
    return startOfTraffic + Math.floor(now) + jumps.reduce((sum, { byMs }) => sum + byMs, 0)
  }

  /** True so often, unless the world is healed. */
  chance(rate: number): boolean {
    return !this.isHealed && rate > 0 && this.random.chance(rate)
  }

  get isDiskFull(): boolean {
    return !this.isHealed && isWithin(this.plan.diskFull, this.scheduler.now)
  }

  get areTargetsAway(): boolean {
    return !this.isHealed && isWithin(this.plan.targetsAway, this.scheduler.now)
  }

  /** The kill switch, as a person moves it. */
  engaged(level: string, id?: string): string | undefined {
    if (this.isHealed) return undefined
    const name = id === undefined ? level : `${level}:${id}`
    const on = this.plan.switches.some(
      (spell) => spell.name === name && isWithin([spell], this.scheduler.now),
    )
    return on ? 'a person' : undefined
  }

  /** Something is wrong that may be right again at the end. */
  violate(what: string): void {
    if (this.violations.length < 20) this.violations.push(`${what} (at ${this.scheduler.now} ms)`)
  }
}
