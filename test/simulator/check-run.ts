import type { Decision } from '../../core/decision/decision.ts'
import type { Finding } from '../../core/detector/finding.ts'
import { canonicalJson } from '../../core/manifest/canonical-json.ts'
import type { JournalEntry } from '../../core/response/journal.ts'
import type { Run } from '../../core/response/run.ts'
import { checkRecorded } from './check-recorded.ts'
import { checkResponse } from './check-response.ts'
import type { Effects } from './effects.ts'
import { faultFreeFindings } from './reference.ts'
import type { World } from './world.ts'

/** Everything that the disk holds at the end, decoded. */
export interface Stored {
  readonly findings: readonly Finding[]
  readonly runs: readonly Run[]
  readonly journal: readonly JournalEntry[]
  readonly decisions: readonly Decision[]
}

/** Holds what is left of a run against every promise; what does not agree is a violation. */
export async function checkRun(world: World, effects: Effects, table: readonly Decision[]): Promise<void> {
  const { memory } = world
  const decoded = <T>(rows: Iterable<{ readonly body: string }>) =>
    [...rows].map(({ body }) => JSON.parse(body) as T)
  const stored: Stored = {
    findings: decoded(memory.findings.values()),
    runs: decoded(memory.runs.values()),
    journal: decoded(memory.journal),
    decisions: [...memory.decisions.values()].map((body) => JSON.parse(body) as Decision),
  }
  checkIntake(world)
  checkFindings(world, stored.findings)
  checkResponse(world, stored, effects, table)
  // What went wrong already would only be told again.
  if (world.violations.length === 0) checkRecorded(world, stored.findings)
}

function checkIntake(world: World): void {
  world.intake.check(new Map(world.memory.positions))
  for (const { source, name, records } of world.partitions) {
    const fates = world.intake.durable.get(`${source}\u0000${name}`)
    for (const { offset, isBroken } of records) {
      const fated = fates?.get(offset)
      if (fated === undefined) world.violate(`lost: offset ${offset} of ${name} was never judged`)
      if (isBroken && fated !== 'refused')
        world.violate(`offset ${offset} of ${name} is no event, and was ${fated}`)
      if (fated === 'late' && !world.mayBeLate)
        world.violate(`offset ${offset} of ${name} came in time, and counted as late`)
      const isSetBack = world.plan.clockJumps.some(({ byMs }) => byMs < 0)
      if (fated === 'refused' && !isBroken && !isSetBack)
        world.violate(`offset ${offset} of ${name} is a good event, and was refused`)
    }
  }
}

function checkFindings(world: World, stored: readonly Finding[]): void {
  const wanted = new Map(faultFreeFindings(world).map((finding) => [finding.id, finding]))
  for (const finding of stored) {
    const expected = wanted.get(finding.id)
    wanted.delete(finding.id)
    const name = `finding ${finding.id} (${finding.detector}, ${finding.entity.kind} ${finding.entity.id})`
    if (finding.state !== 'final') world.violate(`${name} is still ${finding.state}`)
    else if (!expected) world.violate(`${name} would not be there without the faults`)
    else if (canonicalJson(finding) !== canonicalJson(expected))
      world.violate(`${name} differs: ${canonicalJson(finding)} instead of ${canonicalJson(expected)}`)
  }
  for (const { id, detector, entity } of wanted.values())
    world.violate(`finding ${id} (${detector}, ${entity.kind} ${entity.id}) is missing`)
}
