import type { Canary } from './canaries.ts'
import { checkRun } from './check-run.ts'
import { Effects } from './effects.ts'
import { Life } from './life.ts'
import type { Plan } from './plan.ts'
import { SimulatedProcess } from './simulated-process.ts'
import { World } from './world.ts'

/** What came of one run. */
export interface Report {
  readonly seed: number
  /** What was found wrong; empty when every promise held. */
  readonly violations: readonly string[]
  /** Port calls of all processes. */
  readonly calls: number
  readonly kills: number
  /** Processes that ended because a port failed, or were asked to stop. */
  readonly exits: number
  readonly accepted: number
  readonly late: number
  readonly refused: number
  readonly findings: number
  /** Effects on receivers, and decisions that gateways obeyed. */
  readonly effects: number
  readonly decisions: number
  /** Where the process was killed. */
  readonly killedAt: readonly string[]
  /** Names everything that happened: the same seed gives the same. */
  readonly digest: string
  readonly virtualMs: number
}

/** After the traffic faults go on for so long, milliseconds; after that everything must come to its end. */
const faultsGoOnMs = 10_000
/** A run that is not over so long after its traffic hangs, milliseconds: what is tried, is tried for ten minutes. */
const endsWithinMs = 40 * 60_000

/** Runs one plan to its end, process after process, and checks every promise. */
export async function simulate(plan: Plan, canary?: Canary): Promise<Report> {
  const world = new World(plan, canary)
  const effects = new Effects(world)
  const { scheduler } = world
  const killedAt: string[] = []
  let exits = 0
  let process: SimulatedProcess | undefined
  let life: Life | undefined
  const healedAt = plan.lengthMs + faultsGoOnMs
  scheduler.after(healedAt, () => {
    world.isHealed = true
  })
  for (const at of plan.kills) scheduler.after(at, () => life?.kill('a moment between two calls'))
  for (const at of plan.stops) scheduler.after(at, () => process?.stopping.abort())
  const lastMs = plan.lengthMs + endsWithinMs
  for (;;) {
    life = new Life(world, () => {})
    process = new SimulatedProcess(world, life, effects)
    const ended = await lifeOf(process, life, world, lastMs)
    if (life.killedAt !== undefined) killedAt.push(life.killedAt)
    process.bury()
    if (ended === 'finished' || ended === 'hangs') {
      if (ended === 'hangs') world.violate('the run does not come to its end')
      await checkRun(world, effects, process.gateways.list())
      break
    }
    if (ended !== 'killed') exits++
    if (ended instanceof Error && !/the disk/.test(ended.message))
      world.violate(`a process ended: ${ended.stack}`)
    world.intake.restarted(new Map(world.memory.positions))
    if (world.violations.length > 0) break
    await pause(world)
  }
  return { ...outcome(world), kills: killedAt.length, exits, killedAt }
}

async function lifeOf(
  process: SimulatedProcess,
  life: Life,
  { scheduler }: World,
  lastMs: number,
): Promise<'finished' | 'stopped' | 'killed' | 'hangs' | Error> {
  let ended: 'finished' | 'stopped' | Error | undefined
  process.run().then(
    (how) => {
      ended ??= how
    },
    (error: unknown) => {
      ended ??= error instanceof Error ? error : new Error(String(error))
    },
  )
  const isOver = await scheduler.run(() => ended !== undefined || !life.isAlive, lastMs)
  if (!isOver) return 'hangs'
  return life.isAlive && ended !== undefined ? ended : 'killed'
}

/** The machine takes a moment until the next process is up. */
async function pause({ scheduler, random, plan }: World): Promise<void> {
  let isUp = false
  scheduler.after(random.int(0, random.chance(0.1) ? 30_000 : 2000), () => {
    isUp = true
  })
  await scheduler.run(() => isUp, plan.lengthMs + 2 * endsWithinMs)
}

function outcome(world: World) {
  const fates = [...world.intake.durable.values()].flatMap((counted) => [...counted.values()])
  const count = (wanted: string) => fates.filter((fated) => fated === wanted).length
  const { journal, findings } = world.memory
  const applied = journal.filter(({ body }) => body.includes('"status":"applied"'))
  return {
    seed: world.plan.seed,
    violations: world.violations,
    calls: world.calls,
    accepted: count('accepted'),
    late: count('late'),
    refused: count('refused'),
    findings: findings.size,
    effects: applied.filter(({ body }) => !body.includes('"until"')).length,
    decisions: applied.filter(({ body }) => body.includes('"until"')).length,
    digest: world.scheduler.digest,
    virtualMs: world.scheduler.now,
  }
}
