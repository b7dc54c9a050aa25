import type { Decision } from '../../core/decision/decision.ts'
import { entityKey } from '../../core/entity/entity.ts'
import type { JournalEntry } from '../../core/response/journal.ts'
import type { Run } from '../../core/response/run.ts'
import { actionKey } from '../../core/response/run-id.ts'
import type { Stored } from './check-run.ts'
import type { Effects } from './effects.ts'
import { simulatedPlaybooks, targetsPerHour } from './simulated-playbooks.ts'
import type { World } from './world.ts'

const hourMs = 3_600_000
/** Budgets count from the intent, the journal's result comes later. */
const resultLagMs = 3 * 60_000

/** Every finding has its runs, no run waits, and journal, receivers and decision table tell the same. */
export function checkResponse(
  world: World,
  stored: Stored,
  effects: Effects,
  table: readonly Decision[],
): void {
  checkRuns(world, stored)
  for (const run of stored.runs) checkSteps(world, run, stored, effects)
  checkDecisions(world, stored, table)
  for (const { id } of simulatedPlaybooks) checkBudget(world, id, stored)
  for (const action of ['mail', 'ticket', 'text']) {
    for (const key of effects.keys(action)) {
      const count = effects.count(action, key)
      if (count > 1) world.violate(`${action} ${key} happened ${count} times`)
    }
  }
}

function checkRuns(world: World, { findings, runs }: Stored): void {
  for (const finding of findings.filter(({ severity }) => severity !== 'info')) {
    for (const { id } of simulatedPlaybooks) {
      if (!runs.some(({ playbook, finding: { root } }) => playbook === id && root === finding.root))
        world.violate(`finding ${finding.id} has no run of ${id}`)
    }
  }
  for (const { id, playbook, state } of runs)
    if (state !== 'done') world.violate(`run ${id} of ${playbook} is still ${state}`)
}

/** What the journal says of a step is what its receiver knows. */
function checkSteps(world: World, run: Run, { journal }: Stored, effects: Effects): void {
  for (const { step, action, target, status } of run.steps) {
    if (!['mail', 'ticket', 'text', 'post'].includes(action)) continue
    const key = actionKey(run.id, step, target)
    const count = effects.count(action, key)
    const entries = journal.filter((entry) => entry.key === key)
    const last = entries.findLast(({ kind }) => kind === 'result')
    const name = `step ${step} of run ${run.id} (${run.playbook})`
    if (last && last.status !== status) world.violate(`${name} is ${status}, its journal says ${last.status}`)
    if (status === 'applied' && count === 0)
      world.violate(`${name} is applied, and its receiver knows nothing of it`)
    const isDoubtful = entries.some(({ detail = '' }) =>
      /restart|may happen twice|verified|lost|outcome/.test(detail),
    )
    if (status !== 'applied' && status !== 'unknown' && count > 0 && !isDoubtful)
      world.violate(`${name} is ${status}, and its receiver has done it`)
    const intents = entries.filter(({ kind }) => kind === 'intent').length
    if (action === 'post' && count > 1 && !isDoubtful && intents < 2)
      world.violate(`${name} happened ${count} times, and the journal shows no doubt`)
  }
}

/** What is in force by the journal is what the store holds and gateways obey; nothing is left when all ends came. */
function checkDecisions(world: World, { journal, decisions }: Stored, table: readonly Decision[]): void {
  const inForce = new Map<string, JournalEntry>()
  for (const entry of journal) {
    if (entry.kind === 'result' && entry.status === 'applied' && entry.until !== undefined)
      inForce.set(entry.key, entry)
    if (entry.kind === 'undo' || entry.kind === 'expired') inForce.delete(entry.key)
  }
  const ids = (list: Iterable<{ readonly id: string }>) =>
    [...list]
      .map(({ id }) => id)
      .sort()
      .join(' ')
  const byJournal = [...inForce.keys()].sort().join(' ')
  if (ids(decisions) !== byJournal) world.violate(`decisions ${ids(decisions)}, by the journal ${byJournal}`)
  if (ids(decisions) !== ids(table)) world.violate(`decisions ${ids(decisions)}, gateways have ${ids(table)}`)
  for (const { id, until } of decisions)
    if (until < world.now() - 5000)
      world.violate(`decision ${id} is there ${world.now() - until} ms after its end`)
}

function checkBudget(world: World, playbook: string, { journal, runs }: Stored): void {
  const own = new Set(runs.filter((run) => run.playbook === playbook).map(({ id }) => id))
  const applied = journal.filter(
    ({ kind, status, run, until }) =>
      kind === 'result' && status === 'applied' && until !== undefined && own.has(run),
  )
  for (const { at } of applied) {
    const recent = applied.filter((entry) => entry.at <= at && entry.at > at - hourMs + resultLagMs)
    const targets = new Set(recent.map(({ target }) => target && entityKey(target)))
    if (targets.size > targetsPerHour)
      world.violate(
        `${playbook} enforced on ${targets.size} targets within an hour, ${targetsPerHour} are allowed`,
      )
  }
}
