import { z } from 'zod'
import { type Action, defineAction } from '../../core/response/action.ts'
import { type DecisionList, decisionLifecycle } from '../../core/response/decision-lifecycle.ts'

const denyWith = z.strictObject({})
export type DenyWith = z.output<typeof denyWith>

const targets = ['ip', 'network', 'fingerprint', 'principal', 'key', 'token', 'session', 'client'] as const

/** Refuses every request of its target until the end of the step's `ttl`. */
export function createDeny(decisions: DecisionList): Action<DenyWith> {
  return defineAction({
    id: 'deny',
    summary: 'Refuses every request of a client with 403.',
    targets,
    with: denyWith,
    effect: 'keyed',
    enforces: true,
    reversible: true,
    acceptsProvisional: true,
    ...decisionLifecycle<DenyWith>(decisions, targets, () => ({ type: 'deny' })),
  })
}
