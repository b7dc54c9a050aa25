import type { Entity } from '../../entity/entity.ts'
import type { Check } from './check.ts'

/** Nothing is enforced on whom the operator protects. */
export const protectedCheck: Check = ({ action, target }, { protectedSet }) => {
  if (!action.enforces || target === undefined) return undefined
  const entry = protectedSet(target)
  if (entry === undefined) return undefined
  return { rule: 'protected', detail: protectedDetail(target, entry) }
}

/** The sentence for a person; the entry is named where it says more than the entity, as a network does. */
export function protectedDetail({ kind, id }: Entity, entry: string): string {
  const named = `${kind} ${id}`
  return `${named} is in the protected set${entry === named || entry === id ? '' : ` (${entry})`}`
}
