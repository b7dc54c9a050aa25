import type { Check } from './check.ts'

/** Nothing is enforced on whom the operator protects. */
export const protectedCheck: Check = ({ action, target }, { protectedSet }) => {
  if (!action.enforces || target === undefined) return undefined
  const entry = protectedSet(target)
  if (entry === undefined) return undefined
  return { rule: 'protected', detail: `${target.kind} ${target.id} is protected by ${entry}` }
}
