import { createHash } from 'node:crypto'
import type { EntityKind } from '../../core/entity/entity.ts'
import type { Expression, Limits, Playbook, PlaybookMode, Step } from '../../core/response/playbook.ts'
import { hiddenKeyProblems } from '../yaml/hidden-keys.ts'
import { locateIssues } from '../yaml/locate-issue.ts'
import { type LocatedYaml, parseLocatedYaml } from '../yaml/located-yaml.ts'
import { fileProblem, type Problem, sortProblems } from '../yaml/problem.ts'
import { type ActionDescription, checkStep } from './check-step.ts'
import { allKinds } from './check-target-kind.ts'
import { compileAt } from './compile-at.ts'
import type { EvidenceType } from './evidence-type.ts'
import { conditionOf } from './expression.ts'
import { narrow } from './expression-facts.ts'
import { type PlaybookFile, playbookSchema } from './playbook-schema.ts'
import { type UsablePlaybook, usablePlaybook } from './usable-playbook.ts'
import { type Knowledge, nothingKnown } from './walk-expression.ts'

/** What a playbook is checked against. */
export interface PlaybookContext {
  /** Evidence by detector id, of all detectors whether enabled or not. */
  readonly evidence: ReadonlyMap<string, EvidenceType>
  /** Kinds of entity that findings can be about, by detector id. */
  readonly blames: ReadonlyMap<string, readonly EntityKind[]>
  readonly actions: ReadonlyMap<string, ActionDescription>
  /** Limits of playbooks that name none. */
  readonly limits: Limits
  /** The mode that the configuration gives a playbook, over its own. */
  modeOf(playbook: string): PlaybookMode | undefined
}

export type LoadedPlaybook =
  | {
      readonly ok: true
      readonly id: string
      readonly playbook: Playbook
      readonly file: PlaybookFile
      readonly yaml: LocatedYaml
    }
  | {
      readonly ok: false
      /** Absent when it can't be read. */
      readonly id?: string
      readonly problems: readonly Problem[]
      readonly yaml: LocatedYaml
    }

/** Reads one playbook; `path` is only shown. Reports everything that is wrong at once, and never throws. */
export function loadPlaybook(path: string, text: string, context: PlaybookContext): LoadedPlaybook {
  const yaml = parseLocatedYaml(path, text)
  const problems: Problem[] = [...yaml.problems]
  const { data } = yaml
  if (data === null || data === undefined) {
    if (problems.length === 0) problems.push(fileProblem(path, 'the playbook is empty'))
    return { ok: false, problems: sortProblems(problems), yaml }
  }
  const parsed = playbookSchema.safeParse(data)
  if (!parsed.success) problems.push(...locateIssues(parsed.error, { yaml, schema: playbookSchema, data }))
  const usable = usablePlaybook(data)
  const { on, steps } = compile(usable, yaml, context, problems)
  problems.push(...hiddenKeyProblems(yaml, problems))
  if (!parsed.success || !on || problems.length > 0) {
    const id = usable.id === undefined ? {} : { id: usable.id }
    return { ok: false, ...id, problems: sortProblems(problems), yaml }
  }
  const file = parsed.data
  return { ok: true, id: file.id, playbook: playbookOf(file, on, steps, yaml, context), file, yaml }
}

/** Compiles and checks `on` and the steps, as far as they can be read. */
function compile(
  { on: source, accepts, steps }: UsablePlaybook,
  yaml: LocatedYaml,
  context: PlaybookContext,
  problems: Problem[],
): { readonly on: Expression<boolean> | undefined; readonly steps: readonly Step[] } {
  const { evidence } = context
  const start: Knowledge = { detectors: new Set(evidence.keys()), guarded: new Set(), variables: new Map() }
  const world = { evidence, steps: [], knowledge: start, result: 'bool' } as const
  const on = source === undefined ? undefined : compileAt(yaml, ['on'], source, world, problems)
  // Later findings join the run with other evidence, so `on` tells steps the detector and the kind, no more.
  const knowledge = { ...(on?.after ?? nothingKnown), guarded: new Set<string>() }
  const kinds = on?.ast ? narrow(on.ast, 'finding.entity.kind', allKinds) : allKinds
  const ids = steps.map((step) => step?.values.id)
  const checked = steps.flatMap((step, index) => {
    const before = ids.slice(0, index)
    const id = ids[index]
    if (id !== undefined && before.includes(id)) {
      const range = yaml.rangeOf(['steps', index, 'id'])
      problems.push(yaml.problem(range, `a second step is called '${id}'`, 'give each step its own id'))
    }
    const earlier = before.includes(undefined) ? undefined : before.filter((one) => one !== undefined)
    const stepContext = { ...context, accepts, knowledge, kinds, earlier, yaml }
    return (step && checkStep(step, index, stepContext, problems)) ?? []
  })
  return {
    on: source !== undefined && on?.parsed ? conditionOf(source, on.parsed) : undefined,
    steps: checked,
  }
}

function playbookOf(
  file: PlaybookFile,
  on: Expression<boolean>,
  steps: readonly Step[],
  yaml: LocatedYaml,
  context: PlaybookContext,
): Playbook {
  return {
    id: file.id,
    digest: `p1:${createHash('sha256').update(yaml.text).digest('hex').slice(0, 16)}`,
    on,
    accepts: file.accepts,
    mode: context.modeOf(file.id) ?? file.mode,
    canaryShare: file.canary,
    limits: {
      targetsPerHour: file.limits.targets_per_hour ?? context.limits.targetsPerHour,
      shareOfClients: file.limits.share_of_clients ?? context.limits.shareOfClients,
    },
    steps,
  }
}
