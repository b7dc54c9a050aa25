import type { EntityKind } from '../../core/entity/entity.ts'
import type { Action } from '../../core/response/action.ts'
import type { Step } from '../../core/response/playbook.ts'
import { durationMs } from '../../core/time/duration.ts'
import { nameHint } from '../yaml/did-you-mean.ts'
import { locateIssues } from '../yaml/locate-issue.ts'
import type { LocatedYaml } from '../yaml/located-yaml.ts'
import type { Problem } from '../yaml/problem.ts'
import { blameProblems, kindProblems, kindsAfter } from './check-target-kind.ts'
import { compileAt } from './compile-at.ts'
import type { EvidenceType } from './evidence-type.ts'
import { conditionOf, targetOf } from './expression.ts'
import type { PlaybookStep } from './playbook-schema.ts'
import type { UsableStep } from './usable-playbook.ts'
import { type Knowledge, nothingKnown } from './walk-expression.ts'

/** What a playbook must know of an action. */
export type ActionDescription = Pick<
  Action,
  'id' | 'targets' | 'with' | 'enforces' | 'reversible' | 'acceptsProvisional'
>

export interface StepContext {
  readonly evidence: ReadonlyMap<string, EvidenceType>
  readonly blames: ReadonlyMap<string, readonly EntityKind[]>
  readonly actions: ReadonlyMap<string, ActionDescription>
  readonly accepts: 'provisional' | 'final'
  /** What `on` makes certain, and which kinds of entity it lets through. */
  readonly knowledge: Knowledge
  readonly kinds: ReadonlySet<string>
  /** Ids of the steps before this one; absent when one of them can't be read. */
  readonly earlier: readonly string[] | undefined
  readonly yaml: LocatedYaml
}

/** Compiles a step and checks it against its action; what is wrong is added to `problems`. */
export function checkStep(
  { values: step, broken }: UsableStep,
  index: number,
  context: StepContext,
  problems: Problem[],
): Step | undefined {
  const { yaml, actions, evidence } = context
  const at = ['steps', index] as const
  const known = problems.length
  const action = step.action === undefined ? undefined : actions.get(step.action)
  if (!action && step.action !== undefined) {
    const hint = nameHint(step.action, [...actions.keys()])
    problems.push(yaml.problem(yaml.rangeOf([...at, 'action']), `no action is called '${step.action}'`, hint))
  }
  const world = { evidence, steps: context.earlier, knowledge: context.knowledge }
  const when =
    step.when === undefined
      ? undefined
      : compileAt(yaml, [...at, 'when'], step.when, { ...world, result: 'bool' }, problems)
  const knowledge = broken.has('when') ? nothingKnown : (when?.after ?? context.knowledge)
  const target =
    step.target === undefined
      ? undefined
      : compileAt(yaml, [...at, 'target'], step.target, { ...world, knowledge, result: 'Entity' }, problems)
  if (action) {
    problems.push(...settingProblems(step, broken, at, action, yaml))
    problems.push(...fitProblems(step, broken, at, action, context))
  }
  if (action && target?.ast) {
    const kinds = kindsAfter(when, broken, context.kinds)
    const wrong = kindProblems(target.ast, at, action, kinds, yaml)
    const detectors = when && !when.parsed ? [] : [...knowledge.detectors]
    const unfit = wrong.length > 0 ? [] : blameProblems(target.ast, at, action, { kinds, detectors }, context)
    problems.push(...wrong, ...unfit)
  }
  if (!action || step.id === undefined || broken.size > 0 || problems.length > known) return undefined
  return {
    id: step.id,
    action: action.id,
    with: step.with ?? {},
    approval: step.approval ?? (action.reversible ? 'none' : 'required'),
    ...(step.target !== undefined && target?.parsed ? { target: targetOf(step.target, target.parsed) } : {}),
    ...(step.when !== undefined && when?.parsed ? { when: conditionOf(step.when, when.parsed) } : {}),
    ...(step.ttl === undefined ? {} : { ttlMs: durationMs(step.ttl) }),
  }
}

export type StepPath = readonly ['steps', number]

function settingProblems(
  step: UsableStep['values'],
  broken: UsableStep['broken'],
  at: StepPath,
  action: ActionDescription,
  yaml: LocatedYaml,
): readonly Problem[] {
  if (broken.has('with')) return []
  const data = step.with ?? {}
  const parsed = action.with.safeParse(data)
  if (parsed.success) return []
  return locateIssues(parsed.error, { yaml, schema: action.with, data, base: [...at, 'with'] })
}

/** What an action needs beside its settings; a part that can't be read is not missing. */
function fitProblems(
  step: UsableStep['values'],
  broken: UsableStep['broken'],
  at: StepPath,
  action: ActionDescription,
  { yaml, accepts }: StepContext,
): readonly Problem[] {
  const found: Problem[] = []
  const report = (key: keyof PlaybookStep, message: string, hint?: string) => {
    if (broken.has(key)) return
    found.push(yaml.problem(yaml.rangeOf([...at, key]), message, hint))
  }
  if (action.enforces && step.target === undefined) {
    report('target', `${action.id} needs a target`, 'add `target: finding.entity`')
  }
  if (action.targets.length === 0 && step.target !== undefined)
    report('target', `${action.id} takes no target`)
  if (action.enforces && step.ttl === undefined) {
    report('ttl', `${action.id} needs an end`, 'add `ttl: 15m`; nothing is enforced for ever')
  }
  if (!action.enforces && step.ttl !== undefined)
    report('ttl', `${action.id} enforces nothing, so it takes no ttl`)
  if (!action.reversible && step.approval === 'none') {
    report('approval', `${action.id} has no undo, so a person must approve it`, 'write `approval: required`')
  }
  if (accepts === 'provisional' && !action.acceptsProvisional) {
    report(
      'action',
      `${action.id} takes final findings only`,
      'write `accepts: final`, or move the step to another playbook',
    )
  }
  return found
}
