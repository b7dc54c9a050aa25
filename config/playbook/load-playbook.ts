import { createHash } from 'node:crypto'
import type { Limits, Playbook, PlaybookMode, Step } from '../../core/response/playbook.ts'
import { locateIssues } from '../yaml/locate-issue.ts'
import { type LocatedYaml, parseLocatedYaml } from '../yaml/located-yaml.ts'
import { fileProblem, type Problem, sortProblems } from '../yaml/problem.ts'
import { type ActionDescription, allKinds, checkStep } from './check-step.ts'
import { compileAt } from './compile-at.ts'
import type { EvidenceType } from './evidence-type.ts'
import { conditionOf } from './expression.ts'
import { narrow } from './expression-facts.ts'
import { type PlaybookFile, playbookSchema } from './playbook-schema.ts'
import { given, type Knowledge } from './walk-expression.ts'

/** What a playbook is checked against. */
export interface PlaybookContext {
  /** Evidence by detector id, of all detectors whether enabled or not. */
  readonly evidence: ReadonlyMap<string, EvidenceType>
  readonly actions: ReadonlyMap<string, ActionDescription>
  /** Limits of playbooks that name none. */
  readonly limits: Limits
  /** The mode that the configuration gives a playbook, over its own. */
  modeOf(playbook: string): PlaybookMode | undefined
}

export type LoadedPlaybook =
  | {
      readonly ok: true
      readonly playbook: Playbook
      readonly file: PlaybookFile
      readonly yaml: LocatedYaml
    }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Reads one playbook; `path` is only shown. Reports everything that is wrong at once, and never throws. */
export function loadPlaybook(path: string, text: string, context: PlaybookContext): LoadedPlaybook {
  const yaml = parseLocatedYaml(path, text)
  if (yaml.problems.length > 0) return { ok: false, problems: yaml.problems }
  if (yaml.data === null || yaml.data === undefined) {
    return { ok: false, problems: [fileProblem(path, 'the playbook is empty')] }
  }
  const parsed = playbookSchema.safeParse(yaml.data)
  if (!parsed.success) {
    const problems = locateIssues(parsed.error, { yaml, schema: playbookSchema, data: yaml.data })
    return { ok: false, problems: sortProblems(problems) }
  }
  const problems: Problem[] = []
  const playbook = build(parsed.data, yaml, context, problems)
  return playbook && problems.length === 0
    ? { ok: true, playbook, file: parsed.data, yaml }
    : { ok: false, problems: sortProblems(problems) }
}

function build(
  file: PlaybookFile,
  yaml: LocatedYaml,
  context: PlaybookContext,
  problems: Problem[],
): Playbook | undefined {
  const start: Knowledge = {
    detectors: new Set(context.evidence.keys()),
    guarded: new Set(),
    variables: new Map(),
  }
  const world = { evidence: context.evidence, steps: [], knowledge: start, result: 'bool' } as const
  const on = compileAt(yaml, ['on'], file.on, world, problems)
  // Later findings join the run with other evidence, so `on` tells steps the detector and the kind, no more.
  const knowledge = on ? { ...given(start, on.ast, true), guarded: new Set<string>() } : start
  const kinds = on ? narrow(on.ast, 'finding.entity.kind', allKinds) : allKinds
  const steps = file.steps.map((step, index): Step | undefined => {
    const earlier = file.steps.slice(0, index).map(({ id }) => id)
    if (earlier.includes(step.id)) {
      const range = yaml.rangeOf(['steps', index, 'id'])
      problems.push(yaml.problem(range, `a second step is called '${step.id}'`, 'give each step its own id'))
    }
    return checkStep(
      step,
      index,
      { ...context, accepts: file.accepts, knowledge, kinds, earlier, yaml },
      problems,
    )
  })
  if (!on || steps.includes(undefined)) return undefined
  return {
    id: file.id,
    digest: `p1:${createHash('sha256').update(yaml.text).digest('hex').slice(0, 16)}`,
    on: conditionOf(file.on, on.parsed),
    accepts: file.accepts,
    mode: context.modeOf(file.id) ?? file.mode,
    canaryShare: file.canary,
    limits: {
      targetsPerHour: file.limits.targets_per_hour ?? context.limits.targetsPerHour,
      shareOfClients: file.limits.share_of_clients ?? context.limits.shareOfClients,
    },
    steps: steps.filter((step) => step !== undefined),
  }
}
