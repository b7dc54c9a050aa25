import type { Finding } from '../detector/finding.ts'
import { type PlanProblem, planFinding } from './planner.ts'
import type { ResponderState } from './responder-state.ts'
import type { Run } from './run.ts'

/** The runs that findings of this space and lane start or join; several findings of a chain come to one run. */
export function planFindings(
  { runs, settings, ports }: ResponderState,
  findings: readonly Finding[],
): { readonly planned: ReadonlyMap<string, Run>; readonly problems: readonly PlanProblem[] } {
  const planned = new Map<string, Run>()
  const problems: PlanProblem[] = []
  for (const finding of findings) {
    if (finding.space !== settings.space || finding.lane !== settings.lane) continue
    const plan = planFinding({
      finding,
      playbooks: settings.playbooks.values(),
      actions: settings.actions,
      run: (id) => planned.get(id) ?? runs.get(id),
      now: ports.clock.now(),
    })
    for (const run of [...plan.started, ...plan.joined]) planned.set(run.id, run)
    problems.push(...plan.problems)
  }
  return { planned, problems }
}
