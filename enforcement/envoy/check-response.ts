import type { Verdict } from '../../core/decision/verdict.ts'
import { decisionHeader, decisionMark, refusalResponse } from '../refusal-response.ts'
import type { CheckResponse } from './authorization-service.ts'

/** OVERWRITE_IF_EXISTS_OR_ADD of envoy.config.core.v3.HeaderValueOption. */
const overwriteOrAdd = 2
/** google.rpc.Code: Envoy only asks whether it is 0, people read the rest. */
const rpcCode = { deny: 7, revoke: 16, throttle: 8 } as const

/** Our mark on a request could only be the client's own. */
const allow: CheckResponse = Object.freeze({
  status: { code: 0 },
  ok_response: { headers_to_remove: [decisionHeader] },
})

/** The verdict in Envoy's words; the dynamic metadata lets Envoy's log tell our refusals from the upstream's. */
export function checkResponse(verdict: Verdict): CheckResponse {
  if (verdict.type === 'allow') return allow
  const { status, headers, body } = refusalResponse(verdict)
  return {
    status: { code: rpcCode[verdict.type] },
    denied_response: {
      status: { code: status },
      headers: headers.map(([key, value]) => ({ header: { key, value }, append_action: overwriteOrAdd })),
      body,
    },
    dynamic_metadata: { fields: { decision: { stringValue: decisionMark(verdict.decision.id) } } },
  }
}
