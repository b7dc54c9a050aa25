import { canonicalId } from '../entity/canonical-id.ts'
import { type Entity, entityKinds } from '../entity/entity.ts'
import type { Action, ActionRequest } from './action.ts'
import { plainText } from './plain-text.ts'
import type { Scope, Step } from './playbook.ts'
import type { ResponderState } from './responder-state.ts'
import type { Run } from './run.ts'
import { actionKey } from './run-id.ts'

/** What a step comes to: something to do, nothing to do, or a mistake in the playbook. */
export type StepPlan =
  | { readonly kind: 'act'; readonly request: ActionRequest<unknown> }
  | { readonly kind: 'skip' | 'fail'; readonly detail: string; readonly target?: Entity }

/** Evaluates `when`, `target` and `with` of a step for the newest finding of its run. */
export function planStep(state: ResponderState, run: Run, step: Step, action: Action): StepPlan {
  const scope: Scope = {
    finding: run.finding,
    steps: Object.fromEntries(run.steps.map(({ step: id, status }) => [id, { status }])),
  }
  try {
    if (step.when && !step.when.evaluate(scope)) return { kind: 'skip', detail: `when: ${step.when.source}` }
    const target = targetOf(step, scope)
    if (typeof target === 'string') return { kind: 'fail', detail: target }
    const problem = targetProblem(action, target)
    if (problem) return { kind: 'skip', detail: problem, ...(target ? { target } : {}) }
    return { kind: 'act', request: requestOf(state, run, step, action, target) }
  } catch (error) {
    return { kind: 'fail', detail: error instanceof Error ? error.message : String(error) }
  }
}

/** Also rebuilt to take an effect back. Throws when `with` doesn't fit the action. */
export function requestOf(
  state: ResponderState,
  run: Run,
  step: Step,
  action: Action,
  target: Entity | undefined,
): ActionRequest<unknown> {
  const { ttlDefaultMs, ttlMaxMs } = state.settings
  const now = state.ports.clock.now()
  const { finding } = run
  const about = `${finding.entity.kind} ${finding.entity.id}, ${finding.severity}, score ${finding.score}`
  return {
    key: actionKey(run.id, step.id, target),
    space: run.space,
    target,
    with: action.with.parse(step.with),
    now,
    until: action.enforces ? now + Math.min(step.ttlMs ?? ttlDefaultMs, ttlMaxMs) : undefined,
    finding,
    run: run.id,
    step: step.id,
    playbook: run.playbook,
    reason: plainText(`${finding.detector}: ${about}`, 512),
  }
}

/** The target, or what is wrong with it. An expression may read evidence, which an attacker wrote. */
function targetOf(step: Step, scope: Scope): Entity | undefined | string {
  if (!step.target) return undefined
  const { kind, id } = Object(step.target.evaluate(scope)) as Partial<Entity>
  if (kind === undefined || !entityKinds.includes(kind) || typeof id !== 'string') {
    return `target: ${step.target.source} gave no entity; it must have a kind and an id`
  }
  if (canonicalId(kind, id) !== id) {
    return `target: ${step.target.source} gave '${plainText(id, 80)}', which is no canonical id of a ${kind}`
  }
  return { kind, id }
}

function targetProblem(action: Action, target: Entity | undefined): string | undefined {
  if (action.targets.length === 0) return undefined
  const kinds = action.targets.join(', ')
  if (target === undefined) return `action ${action.id} needs a target, one of ${kinds}`
  if (action.targets.includes(target.kind)) return undefined
  return `action ${action.id} can't be aimed at a ${target.kind}, only at ${kinds}`
}
