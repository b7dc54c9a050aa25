import { z } from 'zod'
import type { Rate } from '../../core/decision/decision.ts'
import { type Action, defineAction } from '../../core/response/action.ts'
import { type DecisionList, decisionLifecycle } from '../../core/response/decision-lifecycle.ts'
import { parseRate } from '../../core/response/rate.ts'

const throttleWith = z.strictObject({
  rate: z
    .string()
    .transform((text, context): Rate => {
      try {
        return parseRate(text)
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) })
        return z.NEVER
      }
    })
    .describe('How many requests in what time get through, such as 5/m; the rest gets 429 with Retry-After.'),
})
export type ThrottleWith = z.output<typeof throttleWith>

const targets = ['ip', 'network', 'fingerprint', 'principal', 'key', 'token', 'session', 'client'] as const

/** Slows its target down: the mildest enforcement, and the one that a mistake hurts least. */
export function createThrottle(decisions: DecisionList): Action<ThrottleWith> {
  return defineAction({
    id: 'throttle',
    summary: 'Lets a client through at a low rate and answers the rest with 429.',
    targets,
    with: throttleWith,
    effect: 'keyed',
    enforces: true,
    reversible: true,
    acceptsProvisional: true,
    ...decisionLifecycle<ThrottleWith>(decisions, targets, (request) => ({
      type: 'throttle',
      rate: request.with.rate,
    })),
  })
}
