import type { Playbook, Step } from './playbook.ts'
import type { ResponderState } from './responder-state.ts'

/** The first pending step that the newest finding may start; others wait for the final one. */
export function nextStep(
  { runs, settings }: ResponderState,
  id: string,
): { readonly playbook: Playbook; readonly step: Step } | undefined {
  const run = runs.get(id)
  const playbook = run && settings.playbooks.get(run.playbook)
  if (!run || !playbook) return undefined
  for (const step of playbook.steps) {
    const isPending = run.steps.some((state) => state.step === step.id && state.status === 'pending')
    const isAllowed =
      run.finding.state === 'final' || (settings.actions.get(step.action)?.acceptsProvisional ?? false)
    if (isPending && isAllowed) return { playbook, step }
  }
  return undefined
}
