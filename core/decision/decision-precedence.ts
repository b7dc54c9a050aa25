import type { Decision, DecisionType } from './decision.ts'

const rank: Readonly<Record<DecisionType, number>> = { revoke: 2, deny: 1, throttle: 0 }

/** Which of two decisions answers for both: revoke, deny, throttle; then the one that ends last; then the smaller id. */
export function goesBefore(one: Decision, other: Decision): boolean {
  if (one.type !== other.type) return rank[one.type] > rank[other.type]
  return one.until === other.until ? one.id < other.id : one.until > other.until
}
