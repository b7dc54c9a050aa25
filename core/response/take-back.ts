import type { Decision } from '../decision/decision.ts'
import { entityKey } from '../entity/entity.ts'
import type { Outcome } from './action.ts'
import { undoOnce } from './bounded-call.ts'
import type { Exemption } from './exemption.ts'
import { plainText } from './plain-text.ts'
import { commitChanges, journalEntry, type ResponderState } from './responder-state.ts'
import type { RefusalRule, Run, StepState } from './run.ts'
import { requestOf } from './step-request.ts'
import { patchStep } from './step-result.ts'

const byPlaybook = 'playbook:'

/** Why a decision ends. */
export interface TakeBack {
  readonly kind: 'undo' | 'expired'
  /** The rule that forbids it by now; absent when it expired or a person took it back. */
  readonly rule?: RefusalRule
  readonly detail: string
  readonly exemption?: Exemption
}

/**
 * Undoes the action behind a decision and removes it. When the undo does not come through, the decision and its
 * run stay as they are and the outcome says why; the next reconcile tries again.
 */
export async function takeBack(
  state: ResponderState,
  decision: Decision,
  reason: TakeBack,
): Promise<Outcome | { readonly status: 'changed' }> {
  const undone = await undoAction(state, decision)
  if (undone.status !== 'applied') return undone
  return state.serial.run(async () => {
    // Renewed or removed while the undo was under way: what holds now was not what was judged.
    if (state.decisions.get(decision.id) !== decision) return { status: 'changed' }
    const run = decision.run === undefined ? undefined : state.runs.get(decision.run)
    const step = stepOf(state, decision)
    const entry = journalEntry(state, {
      kind: reason.kind,
      key: decision.id,
      run: decision.run ?? 'manual',
      step: decision.step ?? 'manual',
      action: step?.action ?? decision.type,
      target: { kind: decision.scope, id: decision.value },
      until: decision.until,
      detail: reason.rule ? `${reason.rule}: ${reason.detail}` : reason.detail,
    })
    await commitChanges(state, {
      journal: [entry],
      decisionsRemoved: [decision.id],
      ...(run && step && reason.kind === 'undo'
        ? { runs: [patchStep(run, undoneStep(state, step, reason))] }
        : {}),
      ...(reason.exemption ? { exemptions: [reason.exemption] } : {}),
    })
    endInLedger(state, decision)
    return undone
  })
}

/** The step that made a decision, if its run is still kept. */
export function stepOf(state: ResponderState, decision: Decision): StepState | undefined {
  const run = decision.run === undefined ? undefined : state.runs.get(decision.run)
  return run?.steps.find(({ step }) => step === decision.step)
}

/** Id of the playbook that made it; `undefined` for a person. */
export function playbookOf(decision: Decision): string | undefined {
  return decision.by.startsWith(byPlaybook) ? decision.by.slice(byPlaybook.length) : undefined
}

/** A pending step (a renewal under way) stays pending; its own checks will stop it. */
function undoneStep(state: ResponderState, step: StepState, { rule, detail }: TakeBack): StepState {
  const at = state.ports.clock.now()
  if (step.status === 'pending') return step
  return { ...step, status: 'refused', rule: rule ?? 'exempt', detail: plainText(detail), until: at, at }
}

/** Without its run, step or action nothing but the decision itself is left to take back. */
async function undoAction(state: ResponderState, decision: Decision): Promise<Outcome> {
  const run = decision.run === undefined ? undefined : state.runs.get(decision.run)
  const rebuilt = run && rebuildRequest(state, run, decision)
  if (!rebuilt) return { status: 'applied' }
  const { timeout } = state.ports
  const bounds = { timeout: (ms: number) => timeout(ms), stopped: state.stopped.signal }
  return undoOnce(rebuilt.action, rebuilt.request, state.settings.attempts, bounds)
}

function rebuildRequest(state: ResponderState, run: Run, decision: Decision) {
  const playbook = state.settings.playbooks.get(run.playbook)
  const step = playbook?.steps.find(({ id }) => id === decision.step)
  const action = step && state.settings.actions.get(step.action)
  if (!step || !action?.with.safeParse(step.with).success) return undefined
  const target = { kind: decision.scope, id: decision.value }
  return { action, request: requestOf(state, run, step, action, target) }
}

/** Another decision of the playbook may still bind the same target. */
function endInLedger(state: ResponderState, decision: Decision): void {
  const playbook = playbookOf(decision)
  if (playbook === undefined) return
  const others = [...state.decisions.values()].some(
    ({ by, scope, value }) => by === decision.by && scope === decision.scope && value === decision.value,
  )
  if (others) return
  const target = entityKey({ kind: decision.scope, id: decision.value })
  state.ledger.end(playbook, target, state.ports.clock.now())
}
