import type { Check } from './check.ts'

/** What can't be taken back, and what the playbook says so of, needs a person. */
export const approvalCheck: Check = ({ action, step }) => {
  if (!action.reversible) {
    return { rule: 'approval', detail: `action ${action.id} can't be taken back and needs a person` }
  }
  if (step.approval === 'none') return undefined
  return { rule: 'approval', detail: `step ${step.id} asks for the approval of a person` }
}
