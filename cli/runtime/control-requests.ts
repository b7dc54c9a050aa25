import { z } from 'zod'
import { decisionTypes } from '../../core/decision/decision.ts'
import type { Lane } from '../../core/detector/finding.ts'
import { entityKinds } from '../../core/entity/entity.ts'
import type { ManualDecision } from '../../core/response/manual.ts'
import { parseRate } from '../../core/response/rate.ts'
import { durationMs } from '../../core/time/duration.ts'

/** Text that one of core's readers understands; its message becomes the issue. */
function readBy<T>(read: (text: string) => T) {
  return z
    .string()
    .max(64)
    .transform((text, context): T => {
      try {
        return read(text)
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) })
        return z.NEVER
      }
    })
}

/** Text with something in it; `what` says what should be written. */
function text(what: string, lengthMax: number) {
  return z
    .string({ error: `write ${what}` })
    .refine((written) => written.trim() !== '', `is empty; write ${what}`)
    .max(lengthMax, `is longer than ${lengthMax} characters`)
}

const duration = readBy(durationMs)
const person = text('the name of who decides', 80)

/** Body of `POST /decisions`, written as on the command line: rate `5/m`, ttl `15m`. */
export const addRequest = z
  .strictObject({
    scope: z.enum(entityKinds),
    value: text('the id of whom it is about', 1024),
    type: z.enum(decisionTypes),
    rate: readBy(parseRate).optional(),
    ttl: duration,
    reason: text('a sentence for whoever meets it', 512),
    by: person,
  })
  .superRefine(({ type, rate }, context) => {
    const message =
      type === 'throttle' && !rate
        ? 'a throttle needs a rate, such as 5/m'
        : type !== 'throttle' && rate
          ? `a rate is for throttle only, and this is ${type}`
          : undefined
    if (message) context.addIssue({ code: 'custom', message, path: ['rate'] })
  })
  .transform(({ ttl, rate, ...rest }): ManualDecision => ({ ...rest, ttlMs: ttl, ...(rate ? { rate } : {}) }))

/** Query of `DELETE /decisions/:id`. */
export const removeRequest = z.strictObject({ by: person, exempt_for: duration.optional() })

const lanes = ['live', 'replay', 'shadow', 'exercise'] as const satisfies readonly Lane[]

/** Body of `POST /baseline`. */
export const baselineRequest = z
  .strictObject({
    lane: z.enum(lanes),
    /** How far back, from the last full hour of event time. */
    from: duration,
    /** Put it in force at the next start; else it is only given back. */
    keep: z.boolean(),
  })
  .transform(({ lane, from, keep }) => ({ lane, spanMs: from, keep }))

export type BaselineRequest = z.output<typeof baselineRequest>

/** All that is wrong with a request, in one sentence: `ttl: …; rate: …`. */
export function issuesText({ issues }: z.ZodError): string {
  return issues
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ')
}
