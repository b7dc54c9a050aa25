import { entityKey } from '../entity/entity.ts'
import type { Restored } from '../ports/state-store.ts'
import type { JournalEntry } from './journal.ts'
import { rebaseRun } from './planner.ts'
import { reasonToEnd } from './reconcile.ts'
import { commitChanges, journalEntry, type ResponderState } from './responder-state.ts'
import type { Run, StepState } from './run.ts'
import { patchStep } from './step-result.ts'

/**
 * Fills a new executor's memory from the store. Returns the ids of runs with steps to do, oldest first. Steps whose
 * playbook is gone are ended here, because nothing could ever do them.
 */
export async function restoreResponder(
  state: ResponderState,
  restored: Restored,
): Promise<readonly string[]> {
  const oldest = state.ports.clock.now() - state.settings.runsKeptMs
  const stored = await state.ports.store.runs()
  for (const run of [...stored, ...restored.pendingRuns]) {
    if (run.space !== state.settings.space || run.lane !== state.settings.lane) continue
    if (run.state === 'pending' || run.finding.last >= oldest) state.runs.set(run.id, run)
  }
  for (const decision of restored.decisions) {
    state.decisions.set(decision.id, decision)
    if (!reasonToEnd(state, decision, state.ports.clock.now())) state.ports.decisions.apply(decision)
  }
  state.exemptions = restored.exemptions
  for (const run of state.runs.values()) countTargets(state, run)
  for (const { key } of restored.openIntents) state.openIntents.add(key)
  await state.serial.run(() => fitToPlaybooks(state, restored.openIntents))
  return [...state.runs.values()]
    .filter((run) => run.state === 'pending')
    .sort((left, right) => left.started - right.started || (left.id < right.id ? -1 : 1))
    .map(({ id }) => id)
}

/** What budgets counted before the restart. */
function countTargets(state: ResponderState, run: Run): void {
  for (const { target, status, action, at, until, decision } of run.steps) {
    const isReal = status === 'applied' || decision !== undefined
    if (!target || !(isReal || status === 'dry_run') || !state.settings.actions.get(action)?.enforces)
      continue
    const end = decision === undefined || state.decisions.has(decision) ? (until ?? at) : at
    state.ledger.count(run.playbook, entityKey(target), { at, until: end, simulated: !isReal })
  }
}

/** Pending runs go on under the playbooks of now; what these no longer hold is ended, and open intents answered. */
async function fitToPlaybooks(state: ResponderState, openIntents: readonly JournalEntry[]): Promise<void> {
  const now = state.ports.clock.now()
  const runs: Run[] = []
  for (const run of state.runs.values()) {
    if (run.state !== 'pending') continue
    const playbook = state.settings.playbooks.get(run.playbook)
    const fitted = playbook ? rebaseRun(run, playbook, now) : endSteps(run, now)
    if (fitted !== run) runs.push(fitted)
  }
  const after = new Map([...state.runs, ...runs.map((run) => [run.id, run] as const)])
  const unanswered = openIntents.filter(({ run, step, action }) => {
    return !after
      .get(run)
      ?.steps.some((s) => s.step === step && s.action === action && s.status === 'pending')
  })
  const answers = new Map(unanswered.map((intent) => [intent.key, answer(state, intent)]))
  for (const key of answers.keys()) state.openIntents.delete(key)
  if (runs.length > 0 || answers.size > 0)
    await commitChanges(state, { runs, journal: [...answers.values()] })
}

function endSteps(run: Run, at: number): Run {
  const detail = `playbook ${run.playbook} is no longer there`
  const end = (step: StepState): StepState => ({ ...step, status: 'skipped', detail, at })
  return run.steps
    .filter(({ status }) => status === 'pending')
    .reduce((next, step) => patchStep(next, end(step)), run)
}

function answer(state: ResponderState, { key, run, step, action, target }: JournalEntry): JournalEntry {
  const detail = 'its step is no longer there to be finished; the effect may have happened'
  const about = { key, run, step, action, ...(target ? { target } : {}) }
  return journalEntry(state, { kind: 'result', ...about, status: 'unknown', detail })
}
