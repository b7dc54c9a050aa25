import { createHash } from 'node:crypto'
import type { Refusal } from '../core/decision/verdict.ts'

/** Our mark on a refusal, with the decision's id; gateways strip it from what clients and upstreams send. */
export const decisionHeader = 'x-picket-decision'

/** What the client of any gateway sees. */
export interface RefusalResponse {
  readonly status: 401 | 403 | 429
  /** Lower-case names. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** RFC 9457 `application/problem+json`; `instance` is the decision, for people to trace a complaint. */
  readonly body: string
}

const abnormalUsage = 'https://iana.org/assignments/http-problem-types#abnormal-usage-detected'

/**
 * The answer to a refused request: 403 for deny, 401 for revoke (RFC 6750 section 3.1), 429 with `Retry-After` for
 * throttle (RFC 6585 section 4). It names the decision and gives no reason: that would teach the attacker.
 */
export function refusalResponse(refusal: Refusal): RefusalResponse {
  const { id } = refusal.decision
  const common = [
    [decisionHeader, decisionMark(id)],
    ['content-type', 'application/problem+json'],
    ['cache-control', 'no-store'],
  ] as const
  if (refusal.type === 'deny') {
    return { status: 403, headers: common, body: problem('about:blank', 'Forbidden', 403, id) }
  }
  if (refusal.type === 'revoke') {
    const challenge = ['www-authenticate', 'Bearer error="invalid_token"'] as const
    return {
      status: 401,
      headers: [...common, challenge],
      body: problem('about:blank', 'Unauthorized', 401, id),
    }
  }
  const retryAfter = ['retry-after', String(refusal.retryAfterS)] as const
  const body = problem(abnormalUsage, 'Abnormal usage detected', 429, id)
  return { status: 429, headers: [...common, retryAfter], body }
}

/** The decision's id, or its SHA-256 where a proxy would take the id for a bad header and the refusal for an error. */
export function decisionMark(id: string): string {
  return /^[\w.:/-]{1,128}$/.test(id) ? id : createHash('sha256').update(id).digest('hex')
}

function problem(type: string, title: string, status: number, id: string): string {
  return JSON.stringify({ type, title, status, instance: decisionMark(id) })
}
