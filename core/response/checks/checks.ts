import { actionableCheck } from './actionable-check.ts'
import { approvalCheck } from './approval-check.ts'
import { budgetCheck } from './budget-check.ts'
import type { Check, CheckSubject, CheckWorld, Refusal } from './check.ts'
import { exemptionCheck } from './exemption-check.ts'
import { killSwitchCheck } from './kill-switch-check.ts'
import { modeCheck } from './mode-check.ts'
import { protectedCheck } from './protected-check.ts'
import { provenTargetCheck } from './proven-target-check.ts'
import { scopeCheck } from './scope-check.ts'

/** In the order in which they are asked; the first refusal stands. */
export const checks: readonly Check[] = [
  killSwitchCheck,
  protectedCheck,
  actionableCheck,
  provenTargetCheck,
  scopeCheck,
  exemptionCheck,
  budgetCheck,
  modeCheck,
  approvalCheck,
]

/** The first refusal, or `undefined` when the effect may happen now. */
export function firstRefusal(subject: CheckSubject, world: CheckWorld): Refusal | undefined {
  for (const check of checks) {
    const refusal = check(subject, world)
    if (refusal) return refusal
  }
  return undefined
}
