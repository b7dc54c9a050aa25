import type { Decision } from './decision.ts'

/** What the decision table says about one request; a refusal names the decision that refuses it. */
export type Verdict =
  | { readonly type: 'allow' }
  | { readonly type: 'deny'; readonly decision: Decision }
  | { readonly type: 'revoke'; readonly decision: Decision }
  /** `retryAfterS`: whole seconds, at least 1, after which a client that keeps the rate is served again. */
  | { readonly type: 'throttle'; readonly decision: Decision; readonly retryAfterS: number }

export type Refusal = Exclude<Verdict, { readonly type: 'allow' }>

/** Shared, because most requests are allowed and the answer to them must cost nothing. */
export const allowed: Verdict = Object.freeze({ type: 'allow' })

/** The refusal of a request by a decision; `waitMs` only counts for a throttle. */
export function refusalBy(decision: Decision, waitMs: number): Refusal {
  if (decision.type !== 'throttle') return { type: decision.type, decision }
  return { type: 'throttle', decision, retryAfterS: Math.max(1, Math.ceil(waitMs / 1000)) }
}
