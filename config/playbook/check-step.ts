import type { ASTNode } from '@marcbachmann/cel-js'
import { type EntityKind, entityKinds } from '../../core/entity/entity.ts'
import type { Action } from '../../core/response/action.ts'
import type { Step } from '../../core/response/playbook.ts'
import { durationMs } from '../../core/time/duration.ts'
import { nameHint } from '../yaml/did-you-mean.ts'
import { locateIssues } from '../yaml/locate-issue.ts'
import type { LocatedYaml } from '../yaml/located-yaml.ts'
import type { Problem } from '../yaml/problem.ts'
import { compileAt } from './compile-at.ts'
import type { EvidenceType } from './evidence-type.ts'
import { conditionOf, targetOf } from './expression.ts'
import { narrow, pathOf, textOf } from './expression-facts.ts'
import type { PlaybookStep } from './playbook-schema.ts'
import { given, type Knowledge } from './walk-expression.ts'

/** What a playbook must know of an action. */
export type ActionDescription = Pick<
  Action,
  'id' | 'targets' | 'with' | 'enforces' | 'reversible' | 'acceptsProvisional'
>

/** Stands for kinds that no condition names: while it is left, the kinds are not a list but everything except some. */
const anyKind = '*'
/** Every kind, before conditions narrow them. */
export const allKinds: ReadonlySet<string> = new Set([...entityKinds, anyKind])

export interface StepContext {
  readonly evidence: ReadonlyMap<string, EvidenceType>
  readonly actions: ReadonlyMap<string, ActionDescription>
  readonly accepts: 'provisional' | 'final'
  /** What `on` makes certain, and which kinds of entity it lets through. */
  readonly knowledge: Knowledge
  readonly kinds: ReadonlySet<string>
  readonly earlier: readonly string[]
  readonly yaml: LocatedYaml
}

/** Compiles a step and checks it against its action; what is wrong is added to `problems`. */
export function checkStep(
  step: PlaybookStep,
  index: number,
  context: StepContext,
  problems: Problem[],
): Step | undefined {
  const { yaml, actions } = context
  const at = ['steps', index] as const
  const known = problems.length
  const action = actions.get(step.action)
  if (!action) {
    const hint = nameHint(step.action, [...actions.keys()])
    problems.push(yaml.problem(yaml.rangeOf([...at, 'action']), `no action is called '${step.action}'`, hint))
  }
  const world = { evidence: context.evidence, steps: context.earlier, knowledge: context.knowledge }
  const when =
    step.when === undefined
      ? undefined
      : compileAt(yaml, [...at, 'when'], step.when, { ...world, result: 'bool' }, problems)
  const knowledge = when ? given(context.knowledge, when.ast, true) : context.knowledge
  const kinds = when ? narrow(when.ast, 'finding.entity.kind', context.kinds) : context.kinds
  const target =
    step.target === undefined
      ? undefined
      : compileAt(yaml, [...at, 'target'], step.target, { ...world, knowledge, result: 'Entity' }, problems)
  if (action)
    problems.push(...settingProblems(step, at, action, context), ...fitProblems(step, at, action, context))
  if (action && target) problems.push(...kindProblems(target.ast, at, action, kinds, yaml))
  if (!action || problems.length > known) return undefined
  return {
    id: step.id,
    action: step.action,
    with: step.with,
    approval: step.approval ?? (action.reversible ? 'none' : 'required'),
    ...(step.target !== undefined && target ? { target: targetOf(step.target, target.parsed) } : {}),
    ...(step.when !== undefined && when ? { when: conditionOf(step.when, when.parsed) } : {}),
    ...(step.ttl === undefined ? {} : { ttlMs: durationMs(step.ttl) }),
  }
}

type StepPath = readonly ['steps', number]

function settingProblems(
  step: PlaybookStep,
  at: StepPath,
  action: ActionDescription,
  { yaml }: StepContext,
): readonly Problem[] {
  const parsed = action.with.safeParse(step.with)
  if (parsed.success) return []
  return locateIssues(parsed.error, { yaml, schema: action.with, data: step.with, base: [...at, 'with'] })
}

/** What an action needs beside its settings. */
function fitProblems(
  step: PlaybookStep,
  at: StepPath,
  action: ActionDescription,
  { yaml, accepts }: StepContext,
): readonly Problem[] {
  const found: Problem[] = []
  const report = (key: string, message: string, hint?: string) => {
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

/** Kinds that the target surely or, once the playbook names kinds at all, possibly has, but the action can't take. */
function kindProblems(
  target: ASTNode,
  at: StepPath,
  action: ActionDescription,
  kinds: ReadonlySet<string>,
  yaml: LocatedYaml,
): readonly Problem[] {
  if (action.targets.length === 0) return []
  const wrong = [...targetKinds(target, kinds)].filter((kind) => !action.targets.includes(kind as EntityKind))
  if (wrong.length === 0) return []
  const message = `${action.id} can't be aimed at ${wrong.join(', ')}`
  return [yaml.problem(yaml.rangeOf([...at, 'target']), message, `it takes ${action.targets.join(', ')}`)]
}

function targetKinds(target: ASTNode, kinds: ReadonlySet<string>): ReadonlySet<string> {
  if (target.op === 'call' && target.args[0] === 'entity') {
    const [kind] = target.args[1]
    const text = kind && textOf(kind)
    return text === undefined ? new Set() : new Set([text])
  }
  const isFindingEntity = pathOf(target)?.join('.') === 'finding.entity'
  // A playbook that doesn't list its kinds leaves it to the executor, which refuses what the action can't take.
  return isFindingEntity && !kinds.has(anyKind) ? kinds : new Set()
}
