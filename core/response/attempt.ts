import type { Decision } from '../decision/decision.ts'
import type { Clock } from '../ports/clock.ts'
import type { Action, ActionRequest, Outcome } from './action.ts'
import { applyOnce, verifyOnce } from './bounded-call.ts'
import type { Refusal } from './checks/check.ts'

/** How long and how often an effect is tried; milliseconds. */
export interface AttemptLimits {
  readonly attemptsMax: number
  /** From the first attempt of this process on; no attempt begins later. */
  readonly deadlineMs: number
  /** One attempt that takes longer counts as `unknown`. */
  readonly attemptTimeoutMs: number
  /** Wait after an outcome that is unknown, before asking or trying again. */
  readonly unknownWaitMs: number
}

export interface AttemptPorts {
  readonly clock: Clock
  /** Resolves after the time, or earlier when the signal aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** A signal that aborts after the time, such as `AbortSignal.timeout`. */
  timeout(ms: number): AbortSignal
  /** Aborts when the responder stops: what is open stays open, and a successor verifies it. */
  readonly stopped: AbortSignal
  /** Asked before every attempt after the first. */
  recheck(): Refusal | undefined
  /** Journals an attempt that did not end the step. */
  note(detail: string): Promise<void>
}

/** How the attempts ended. */
export type Ended =
  | { readonly status: 'applied'; readonly decision?: Decision; readonly detail?: string }
  | { readonly status: 'refused'; readonly detail: string; readonly refusal?: Refusal }
  | { readonly status: 'failed' | 'unknown'; readonly detail: string }

/** `stopped` leaves the intent open. */
export type Attempted = Ended | { readonly status: 'stopped' }

/**
 * Tries until it is applied, refused, out of attempts or past the deadline. An unknown outcome is asked for
 * (`verify`) and never blindly repeated, except with actions whose receiver recognises the key, and with those
 * that say that they may happen twice.
 */
export async function attemptAction(
  action: Action,
  request: ActionRequest<unknown>,
  limits: AttemptLimits,
  ports: AttemptPorts,
): Promise<Attempted> {
  const deadline = ports.clock.now() + limits.deadlineMs
  for (let attempt = 1; ; attempt += 1) {
    let outcome = await applyOnce(action, request, limits, ports)
    if (ports.stopped.aborted && outcome.status !== 'applied') return { status: 'stopped' }
    const inDoubt = outcome.status === 'unknown'
    if (outcome.status === 'unknown') outcome = await resolveUnknown(action, request, outcome, limits, ports)
    if (outcome.status === 'applied') {
      const { decision, receipt } = outcome
      return { status: 'applied', ...(decision ? { decision } : {}), ...(receipt ? { detail: receipt } : {}) }
    }
    if (outcome.status === 'refused') return { status: 'refused', detail: outcome.reason }
    if (outcome.status === 'unknown') return { status: 'unknown', detail: outcome.why }
    const detail = `attempt ${attempt} of ${limits.attemptsMax}: ${outcome.why}`
    const afterMs = Math.max(0, outcome.afterMs)
    // A keyed receiver may have got the last attempt, though its answer was lost.
    const end = inDoubt && action.effect !== 'verifiable' ? 'unknown' : 'failed'
    if (attempt >= limits.attemptsMax) return { status: end, detail }
    if (ports.clock.now() + afterMs > deadline) {
      return {
        status: end,
        detail: `${detail}; the next one would pass the deadline of ${limits.deadlineMs} ms`,
      }
    }
    await ports.note(`${detail}; again after ${afterMs} ms`)
    await ports.sleep(afterMs, ports.stopped)
    if (ports.stopped.aborted) return { status: 'stopped' }
    const refusal = ports.recheck()
    if (refusal) return { status: 'refused', detail: refusal.detail, refusal }
  }
}

/** Turns an unknown outcome into what may be done next. */
export async function resolveUnknown(
  action: Action,
  request: ActionRequest<unknown>,
  unknown: Extract<Outcome, { status: 'unknown' }>,
  limits: AttemptLimits,
  ports: AttemptPorts,
): Promise<Outcome> {
  const again = { status: 'retry', afterMs: limits.unknownWaitMs, why: unknown.why } as const
  if (action.effect === 'keyed') return again
  if (action.effect === 'at_least_once') return { ...again, why: `${unknown.why}; may happen twice` }
  if (action.effect === 'at_most_once') return unknown
  for (let question = 1; question <= limits.attemptsMax; question += 1) {
    const found = await verifyOnce(action, request, limits, ports)
    if (found === 'present') return { status: 'applied', receipt: `verified after: ${unknown.why}` }
    if (found === 'absent') return { ...again, why: `${unknown.why}; verified that it did not happen` }
    await ports.sleep(limits.unknownWaitMs, ports.stopped)
    if (ports.stopped.aborted) break
  }
  return { status: 'unknown', why: `${unknown.why}; and it could not be verified` }
}
