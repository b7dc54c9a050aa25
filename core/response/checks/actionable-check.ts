import { lengthOfTime } from '../../time/length-of-time.ts'
import type { Check } from './check.ts'

/** Old findings (after an outage, from a backlog) and notes bind no traffic; they are still paged. */
export const actionableCheck: Check = ({ action, finding, now }, { actionableForMs }) => {
  if (!action.enforces) return undefined
  if (finding.severity === 'info') {
    return { rule: 'not_actionable', detail: 'a finding of severity info is a note and never enforced' }
  }
  const ageMs = now - finding.last
  if (ageMs <= actionableForMs) return undefined
  const detail = `the finding's last event is ${lengthOfTime(ageMs)} old; the limit is ${lengthOfTime(actionableForMs)}`
  return { rule: 'not_actionable', detail }
}
