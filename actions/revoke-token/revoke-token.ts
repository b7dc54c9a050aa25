import { z } from 'zod'
import { type Action, defineAction } from '../../core/response/action.ts'
import { type DecisionList, decisionLifecycle } from '../../core/response/decision-lifecycle.ts'

const revokeTokenWith = z.strictObject({})
export type RevokeTokenWith = z.output<typeof revokeTokenWith>

const targets = ['token', 'principal'] as const

/**
 * Refuses one token by its `jti`, or all tokens of a principal that were issued (`iat`, RFC 7519 section 4.1.6)
 * until now. Whoever logs in afterwards passes. Only gateways that ask Picket obey; the issuer isn't told.
 */
export function createRevokeToken(decisions: DecisionList): Action<RevokeTokenWith> {
  return defineAction({
    id: 'revoke-token',
    summary: 'Refuses a token, or all tokens that a principal got so far, with 401.',
    targets,
    with: revokeTokenWith,
    effect: 'keyed',
    enforces: true,
    reversible: true,
    // Logging somebody out loses their work, and no undo brings that back: it waits for the sealed judgement.
    acceptsProvisional: false,
    ...decisionLifecycle<RevokeTokenWith>(decisions, targets, ({ target, now }) => ({
      type: 'revoke',
      ...(target?.kind === 'principal' ? { issuedUntil: now } : {}),
    })),
  })
}
