import type { ASTNode } from '@marcbachmann/cel-js'
import { type EntityKind, entityKinds } from '../../core/entity/entity.ts'
import type { LocatedYaml } from '../yaml/located-yaml.ts'
import type { Problem } from '../yaml/problem.ts'
import type { ActionDescription, StepContext, StepPath } from './check-step.ts'
import type { Compiled } from './compile-expression.ts'
import { narrow, pathOf, textOf } from './expression-facts.ts'
import type { UsableStep } from './usable-playbook.ts'

/** Stands for kinds that no condition names: while it is left, the kinds are not a list but everything except some. */
const anyKind = '*'
/** Every kind, before conditions narrow them. */
export const allKinds: ReadonlySet<string> = new Set([...entityKinds, anyKind])

/** Which kinds a condition lets through; any, when it can't be read. */
export function kindsAfter(
  when: Compiled | undefined,
  broken: UsableStep['broken'],
  kinds: ReadonlySet<string>,
): ReadonlySet<string> {
  if (broken.has('when') || (when && !when.ast)) return allKinds
  return when?.ast ? narrow(when.ast, 'finding.entity.kind', kinds) : kinds
}

/** Kinds that the target surely or, once the playbook names kinds at all, possibly has, but the action can't take. */
export function kindProblems(
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

/** A finding's entity that the action can't take, whatever finding it is: its detectors blame others only. */
export function blameProblems(
  target: ASTNode,
  at: StepPath,
  action: ActionDescription,
  { kinds, detectors }: { readonly kinds: ReadonlySet<string>; readonly detectors: readonly string[] },
  { blames, yaml }: Pick<StepContext, 'blames' | 'yaml'>,
): readonly Problem[] {
  if (pathOf(target)?.join('.') !== 'finding.entity' || detectors.length === 0) return []
  const blamed = new Set(detectors.flatMap((id) => blames.get(id) ?? entityKinds))
  const possible = [...blamed].filter((kind) => kinds.has(kind))
  if (action.targets.length === 0 || possible.some((kind) => action.targets.includes(kind))) return []
  const who = detectors.join(', ')
  const range = yaml.rangeOf([...at, 'target'])
  if (possible.length === 0) {
    const message = `no finding of ${who} is about what the conditions ask for`
    return [yaml.problem(range, message, `findings of ${who} are about ${[...blamed].join(', ')}`)]
  }
  const message = `${action.id} can't be aimed at ${possible.join(', ')}, which findings of ${who} are about`
  return [yaml.problem(range, message, `it takes ${action.targets.join(', ')}`)]
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
