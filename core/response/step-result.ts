import type { Decision } from '../decision/decision.ts'
import type { Entity } from '../entity/entity.ts'
import type { Action, ActionRequest } from './action.ts'
import type { JournalEntry } from './journal.ts'
import { plainText } from './plain-text.ts'
import { withSteps } from './planner.ts'
import type { Playbook, Step } from './playbook.ts'
import { commitChanges, journalEntry, type ResponderState } from './responder-state.ts'
import type { RefusalRule, Run, StepState, StepStatus } from './run.ts'
import { actionKey } from './run-id.ts'
import type { Hold } from './target-ledger.ts'

/** One step on its way to an effect. */
export interface Attempt {
  readonly runId: string
  readonly step: Step
  readonly playbook: Playbook
  readonly definition: Action
  readonly request: ActionRequest<unknown>
  /** The intent, where it commits with the result. */
  intent?: JournalEntry
  /** The place in the ledger that the intent took. */
  hold?: Hold
}

/** How a step ended. */
export interface StepResult {
  readonly status: Exclude<StepStatus, 'pending'>
  readonly rule?: RefusalRule
  readonly detail?: string
  readonly decision?: Decision
}

type About = {
  readonly runId: string
  readonly step: Step
  readonly target?: Entity
  readonly action: string
}

/** The run as it is now; a finding may have joined it since the step began. Throws for an unknown id. */
export function newestRun(state: ResponderState, id: string): Run {
  const run = state.runs.get(id)
  if (!run) throw new Error(`run ${id} is not known: it must be accepted or restored first`)
  return run
}

/** Commits a step's end with its journal entry and its decision, in one transaction. Call it inside `serial` only. */
export async function commitStepResult(
  state: ResponderState,
  about: About | Attempt,
  result: StepResult,
): Promise<void> {
  const before = newestRun(state, about.runId).steps.find(({ step }) => step === about.step.id)
  const next = stepState(state, about, result, before)
  const decision = result.decision && keepStart(state, result.decision)
  const entry = journalEntry(state, {
    kind: 'result',
    key: 'request' in about ? about.request.key : actionKey(about.runId, about.step.id, about.target),
    run: about.runId,
    step: about.step.id,
    action: next.action,
    ...(next.target ? { target: next.target } : {}),
    ...(decision ? { until: decision.until } : {}),
    status: next.status,
    ...(next.detail === undefined
      ? {}
      : { detail: next.rule ? `${next.rule}: ${next.detail}` : next.detail }),
  })
  const intent = 'request' in about ? about.intent : undefined
  // Each finding of a chain asks a skipped step again; only a new answer is worth an entry.
  const isRepeat = next.status === 'skipped' && before?.detail === next.detail
  await commitChanges(state, {
    runs: [patchStep(newestRun(state, about.runId), next)],
    ...(isRepeat ? {} : { journal: intent ? [intent, entry] : [entry] }),
    ...(decision ? { decisions: [decision] } : {}),
  })
  if ('request' in about) state.openIntents.delete(about.request.key)
}

/** A run with one step's state replaced. */
export function patchStep(run: Run, next: StepState): Run {
  return withSteps(
    run,
    run.steps.map((state) => (state.step === next.step ? next : state)),
  )
}

function stepState(
  state: ResponderState,
  about: About | Attempt,
  { status, rule, detail, decision }: StepResult,
  before: StepState | undefined,
): StepState {
  const target = 'request' in about ? about.request.target : about.target
  // A renewal that was refused leaves the decision before it to its end.
  const inForce = decision ?? (before?.decision ? state.decisions.get(before.decision) : undefined)
  return {
    step: about.step.id,
    action: 'request' in about ? about.definition.id : about.action,
    status,
    ...(target ? { target } : {}),
    ...(rule ? { rule } : {}),
    ...(detail === undefined ? {} : { detail: plainText(detail) }),
    ...(inForce ? { decision: inForce.id, until: inForce.until } : {}),
    at: state.ports.clock.now(),
  }
}

/** A renewed decision began when it was first made, but not after now: the clock may have been set back since. */
function keepStart(state: ResponderState, decision: Decision): Decision {
  const before = state.decisions.get(decision.id)
  if (!before || before.until <= decision.from) return decision
  return { ...decision, from: Math.min(before.from, decision.from) }
}
