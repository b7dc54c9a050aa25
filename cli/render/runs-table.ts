import type { Run, StepState } from '../../core/response/run.ts'
import { shortTime } from './findings-table.ts'
import { renderTable } from './table.ts'

/** Every step of every run, a line each: what came of it, and why. */
export function runsTable(runs: readonly Run[]): string {
  const ordered = [...runs].sort(
    (left, right) => left.started - right.started || (left.id < right.id ? -1 : 1),
  )
  const lines = ordered.flatMap((run) => run.steps.map((step) => ({ run, step })))
  return renderTable(
    lines,
    [
      { heading: 'TIME (UTC)', text: ({ step }) => shortTime(step.at) },
      { heading: 'PLAYBOOK', text: ({ run }) => run.playbook },
      { heading: 'STEP', text: ({ step }) => step.step },
      { heading: 'ACTION', text: ({ step }) => step.action },
      {
        heading: 'TARGET',
        text: ({ step }) => (step.target ? `${step.target.kind} ${step.target.id}` : ''),
        widthMax: 40,
      },
      { heading: 'OUTCOME', text: ({ step }) => outcome(step) },
      { heading: 'WHY', text: ({ step }) => step.detail ?? '', widthMax: 100 },
    ],
    'no playbook took a finding',
  )
}

function outcome({ status, rule, until }: StepState): string {
  if (status === 'applied' && until !== undefined) return `applied until ${shortTime(until).slice(11)}`
  return rule && status === 'refused' ? `refused (${rule})` : status.replace('_', ' ')
}
