import { decisionProblem } from '../decision/decision-problem.ts'
import { entityKey } from '../entity/entity.ts'
import type { ActionRequest } from './action.ts'
import { type Attempted, attemptAction, type Ended, resolveUnknown } from './attempt.ts'
import type { CheckSubject, Refusal } from './checks/check.ts'
import { firstRefusal } from './checks/checks.ts'
import type { Playbook, Step } from './playbook.ts'
import { releaseForbidden } from './reconcile.ts'
import { checkWorld, commitChanges, journalEntry, type ResponderState } from './responder-state.ts'
import { planStep } from './step-request.ts'
import { type Attempt, commitStepResult, newestRun, type StepResult } from './step-result.ts'

/**
 * Does one step, to its end: plan, check, commit the intent, act, commit the result; of a decision both in one commit. When the responder stops in
 * between, the step stays pending with an open intent, and `resume` goes on from there.
 */
export async function executeStep(
  state: ResponderState,
  runId: string,
  playbook: Playbook,
  step: Step,
): Promise<void> {
  const action = state.settings.actions.get(step.action)
  if (!action) {
    const detail = `there is no action '${step.action}'; see the list of actions`
    const about = { runId, step, action: step.action }
    return state.serial.run(() => commitStepResult(state, about, { status: 'failed', detail }))
  }
  const plan = planStep(state, newestRun(state, runId), step, action)
  if (plan.kind !== 'act') {
    const status = plan.kind === 'skip' ? 'skipped' : 'failed'
    const { detail, target } = plan
    const about = { runId, step, action: action.id, ...(target ? { target } : {}) }
    return state.serial.run(() => commitStepResult(state, about, { status, detail }))
  }
  const attempt: Attempt = { runId, step, playbook, definition: action, request: plan.request }
  const mayHaveHappened = state.openIntents.has(plan.request.key)
  if (!(await begin(state, attempt, mayHaveHappened))) return
  let attempted = mayHaveHappened ? await settleOpenIntent(state, attempt) : undefined
  // The commit of the intent may have waited for a disk, and the question for its receiver: a switch may be on by now.
  attempted ??= refusedByNow(state, attempt, mayHaveHappened)
  attempted ??= await attemptAction(
    action,
    plan.request,
    state.settings.attempts,
    attemptPorts(state, attempt, mayHaveHappened),
  )
  if (attempted.status === 'stopped') return
  await end(state, attempt, attempted)
}

/** Asks all checks and commits the intent in one section, so that two steps can't both take the last place. */
async function begin(state: ResponderState, attempt: Attempt, mayHaveHappened: boolean): Promise<boolean> {
  return state.serial.run(async () => {
    const { runId, step, playbook, definition, request } = attempt
    const refused = refusedByNow(state, attempt, mayHaveHappened)
    if (refused) {
      await finishRefused(state, attempt, refused.refusal)
      return false
    }
    const intent = journalEntry(state, {
      kind: 'intent',
      key: request.key,
      run: runId,
      step: step.id,
      action: definition.id,
      ...(request.target ? { target: request.target } : {}),
      ...(request.until === undefined ? {} : { until: request.until }),
    })
    // A decision comes into force with its result: nothing happens before that commit, which holds the intent as well.
    if (definition.decides && !mayHaveHappened) attempt.intent = intent
    else await commitChanges(state, { journal: [intent] })
    if (definition.enforces && request.target && request.until !== undefined) {
      const { now, until } = request
      const entry = { at: now, until, simulated: false }
      attempt.hold = state.ledger.hold(playbook.id, entityKey(request.target), entry)
    }
    return true
  })
}

/** Commits what came of it. A person may have said stop meanwhile: a decision is only made if it still may be. */
async function end(state: ResponderState, attempt: Attempt, attempted: Ended): Promise<void> {
  await state.serial.run(async () => {
    const { definition, request } = attempt
    if (attempted.status === 'refused' && attempted.refusal) {
      return finishRefused(state, attempt, attempted.refusal)
    }
    if (attempted.status !== 'applied') {
      attempt.hold?.release()
      const { status, detail } = attempted
      return commitStepResult(state, attempt, { status, detail })
    }
    if (!attempted.decision) return finishApplied(state, attempt, attempted)
    const refusal = firstRefusal(subjectOf(state, attempt), checkWorld(state))
    if (refusal) return finishRefused(state, attempt, refusal)
    const problem = foreignDecision(request, attempted.decision) ?? decisionProblem(attempted.decision)
    if (problem === undefined) return finishApplied(state, attempt, attempted)
    attempt.hold?.release()
    return commitStepResult(state, attempt, { status: 'failed', detail: `${definition.id}: ${problem}` })
  })
}

async function finishApplied(state: ResponderState, attempt: Attempt, result: StepResult): Promise<void> {
  attempt.hold?.keep()
  await commitStepResult(state, attempt, result)
  // The commit may have waited for a disk, and a switch may be on by now.
  const made = state.decisions.get(attempt.request.key)
  if (made) releaseForbidden(state, [made])
}

/** What the checks say at this moment; after a restart the refusal names the doubt. */
function refusedByNow(state: ResponderState, attempt: Attempt, mayHaveHappened: boolean) {
  const refusal = firstRefusal(subjectOf(state, attempt), checkWorld(state))
  if (!refusal) return undefined
  const doubt = mayHaveHappened ? '; an attempt before the restart may have arrived' : ''
  const detail = `${refusal.detail}${doubt}`
  return { status: 'refused', detail, refusal: { ...refusal, detail } } as const
}

async function finishRefused(state: ResponderState, attempt: Attempt, refusal: Refusal): Promise<void> {
  const { playbook, request, definition } = attempt
  const status = refusal.rule === 'mode' ? 'dry_run' : 'refused'
  attempt.hold?.release()
  if (status === 'dry_run' && playbook.mode === 'dry_run' && definition.enforces && request.target) {
    const entry = { at: request.now, until: request.until ?? request.now, simulated: true }
    state.ledger.count(playbook.id, entityKey(request.target), entry)
  }
  await commitStepResult(state, attempt, { status, rule: refusal.rule, detail: refusal.detail })
}

/** An attempt from before a restart: `undefined` means that it may be made again. */
async function settleOpenIntent(state: ResponderState, attempt: Attempt): Promise<Attempted | undefined> {
  const { definition, request } = attempt
  const ports = attemptPorts(state, attempt, true)
  const unknown = { status: 'unknown', why: 'the process ended between intent and result' } as const
  const outcome = await resolveUnknown(definition, request, unknown, state.settings.attempts, ports)
  state.openIntents.delete(request.key)
  if (state.stopped.signal.aborted) return { status: 'stopped' }
  if (outcome.status === 'applied') return { status: 'applied', detail: outcome.receipt ?? unknown.why }
  if (outcome.status === 'retry') return undefined
  return { status: 'unknown', detail: outcome.status === 'unknown' ? outcome.why : outcome.reason }
}

function attemptPorts(state: ResponderState, attempt: Attempt, mayHaveHappened: boolean) {
  const { clock, sleep, timeout } = state.ports
  const { runId, step, definition, request } = attempt
  return {
    clock,
    sleep: (ms: number, signal: AbortSignal) => sleep(ms, signal),
    timeout: (ms: number) => timeout(ms),
    stopped: state.stopped.signal,
    recheck: () => refusedByNow(state, attempt, mayHaveHappened)?.refusal,
    note: (detail: string) =>
      state.serial.run(() => {
        const about = { key: request.key, run: runId, step: step.id, action: definition.id }
        return commitChanges(state, { journal: [journalEntry(state, { kind: 'attempt', ...about, detail })] })
      }),
  }
}

function subjectOf(state: ResponderState, attempt: Attempt): CheckSubject {
  const { definition: action, playbook, step, request } = attempt
  return {
    action,
    playbook,
    step,
    finding: request.finding,
    target: request.target,
    now: state.ports.clock.now(),
  }
}

/** What an action must not do: decide about somebody else, or for longer than it was allowed. */
function foreignDecision(
  { key, target, until }: ActionRequest<unknown>,
  decision: { id: string; scope: string; value: string; until: number },
): string | undefined {
  if (decision.id !== key || decision.scope !== target?.kind || decision.value !== target.id) {
    return 'the action decided about another target than it was asked for'
  }
  return until !== undefined && decision.until <= until
    ? undefined
    : 'the decision has no end, or a later one than allowed'
}
