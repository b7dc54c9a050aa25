import type { Decision } from '../decision/decision.ts'
import { entityKey } from '../entity/entity.ts'
import type { Outcome } from './action.ts'
import { undoOnce } from './bounded-call.ts'
import type { Exemption } from './exemption.ts'
import type { JournalEntry } from './journal.ts'
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

/** A decision that ends, and why. */
export interface Ending {
  readonly decision: Decision
  readonly reason: TakeBack
}

/** Ended in one commit, at most. */
const togetherMax = 256

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
  const ended = await state.serial.run(() => end(state, [{ decision, reason }]))
  return ended.length > 0 ? undone : { status: 'changed' }
}

/** As `takeBack`, of many: those that are nothing but decisions of ours end in one commit, the others one by one. */
export async function takeBackAll(state: ResponderState, endings: readonly Ending[]): Promise<void> {
  const own = endings.filter(({ decision }) => actionBehind(state, decision)?.action.decides ?? true)
  for (let from = 0; from < own.length; from += togetherMax) {
    const some = own.slice(from, from + togetherMax)
    const undone = await Promise.all(some.map(({ decision }) => undoAction(state, decision)))
    const applied = some.filter((_, place) => undone[place]?.status === 'applied')
    await state.serial.run(() => end(state, applied))
  }
  const isOwn = new Set(own)
  for (const ending of endings) {
    if (!isOwn.has(ending)) await takeBack(state, ending.decision, ending.reason)
  }
}

/** Commits the end of decisions that are undone; those that changed meanwhile stay. Returns which ended. */
async function end(state: ResponderState, endings: readonly Ending[]): Promise<readonly Decision[]> {
  // Renewed or removed while the undo was under way: what holds now was not what was judged.
  const ended = endings.filter(({ decision }) => state.decisions.get(decision.id) === decision)
  if (ended.length === 0) return []
  const runs = new Map<string, Run>()
  const exemptions: Exemption[] = []
  for (const { decision, reason } of ended) {
    if (reason.exemption) exemptions.push(reason.exemption)
    const run =
      decision.run === undefined ? undefined : (runs.get(decision.run) ?? state.runs.get(decision.run))
    const step = stepOf(state, decision)
    if (run && step && reason.kind === 'undo')
      runs.set(run.id, patchStep(run, undoneStep(state, step, reason)))
  }
  const decisions = ended.map(({ decision }) => decision)
  await commitChanges(state, {
    journal: ended.map((ending) => entryOf(state, ending)),
    decisionsRemoved: decisions.map(({ id }) => id),
    runs: [...runs.values()],
    exemptions,
  })
  endInLedger(state, decisions)
  return decisions
}

function entryOf(state: ResponderState, { decision, reason }: Ending): JournalEntry {
  return journalEntry(state, {
    kind: reason.kind,
    key: decision.id,
    run: decision.run ?? 'manual',
    step: decision.step ?? 'manual',
    action: stepOf(state, decision)?.action ?? decision.type,
    target: { kind: decision.scope, id: decision.value },
    until: decision.until,
    detail: reason.rule ? `${reason.rule}: ${reason.detail}` : reason.detail,
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
  const behind = actionBehind(state, decision)
  if (!behind) return { status: 'applied' }
  const { timeout } = state.ports
  const bounds = { timeout: (ms: number) => timeout(ms), stopped: state.stopped.signal }
  return undoOnce(behind.action, behind.request, state.settings.attempts, bounds)
}

function actionBehind(state: ResponderState, decision: Decision) {
  const run = decision.run === undefined ? undefined : state.runs.get(decision.run)
  if (!run) return undefined
  const playbook = state.settings.playbooks.get(run.playbook)
  const step = playbook?.steps.find(({ id }) => id === decision.step)
  const action = step && state.settings.actions.get(step.action)
  if (!step || !action?.with.safeParse(step.with).success) return undefined
  const target = { kind: decision.scope, id: decision.value }
  return { action, request: requestOf(state, run, step, action, target) }
}

/** Another decision of the playbook may still bind the same target. */
function endInLedger(state: ResponderState, ended: readonly Decision[]): void {
  const bound = new Set<string>()
  for (const decision of state.decisions.values()) bound.add(bindingOf(decision))
  const now = state.ports.clock.now()
  for (const decision of ended) {
    const playbook = playbookOf(decision)
    if (playbook === undefined || bound.has(bindingOf(decision))) continue
    state.ledger.end(playbook, entityKey({ kind: decision.scope, id: decision.value }), now)
  }
}

/** Who binds whom. */
function bindingOf({ by, scope, value }: Decision): string {
  return `${by} ${entityKey({ kind: scope, id: value })}`
}
