import { canonicalId } from '../entity/canonical-id.ts'
import type { Decision, Rate } from './decision.ts'
import { type SubjectScope, subjectScopes } from './subject.ts'

/**
 * Why a decision can't be enforced, in a sentence that says what to do; `undefined` when it can. Decisions come
 * from stores and topics too, and one that silently matches nothing would look like an enforcement.
 */
export function decisionProblem(decision: Decision): string | undefined {
  const { id, scope, value, type, rate, from, until } = decision
  const name = `decision '${id}'`
  if (!subjectScopes.includes(scope as SubjectScope)) {
    return `${name}: no gateway can recognise a ${scope}; use one of ${subjectScopes.join(', ')}`
  }
  const canonical = canonicalId(scope, value)
  if (canonical !== value) {
    return `${name}: '${value}' is not the canonical id of a ${scope}; write ${canonical ?? 'an id of that kind'}`
  }
  if (!(until > from)) return `${name}: it ends (${until}) before it begins (${from}); give it a later end`
  if (type === 'throttle' && !isUsable(rate)) {
    return `${name}: a throttle needs a rate of at least one request in a whole number of milliseconds`
  }
  return undefined
}

function isUsable(rate: Rate | undefined): boolean {
  if (!rate) return false
  const { count, perMs } = rate
  return (
    Number.isSafeInteger(count) &&
    count > 0 &&
    perMs > 0 &&
    Number.isSafeInteger(perMs) &&
    Number.isSafeInteger(count * perMs)
  )
}
