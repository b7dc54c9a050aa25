import type { Action, ActionRequest, Outcome, Verification } from './action.ts'

/** What bounds one call of an action. */
export interface CallBounds {
  /** A signal that aborts after the time, such as `AbortSignal.timeout`. */
  timeout(ms: number): AbortSignal
  /** Aborts when the responder stops. */
  readonly stopped: AbortSignal
}

interface CallLimits {
  readonly attemptTimeoutMs: number
}

/** One attempt. An action that throws or hangs may have acted: that is `unknown`, and the responder goes on. */
export async function applyOnce(
  action: Action,
  request: ActionRequest<unknown>,
  limits: CallLimits,
  bounds: CallBounds,
): Promise<Outcome> {
  return bounded<Outcome>(limits, bounds, unknownOutcome, (signal) => action.apply(request, signal))
}

/** One undo, under the same bounds. */
export async function undoOnce(
  action: Action,
  request: ActionRequest<unknown>,
  limits: CallLimits,
  bounds: CallBounds,
): Promise<Outcome> {
  return bounded<Outcome>(limits, bounds, unknownOutcome, (signal) => action.undo(request, signal))
}

/** One question whether it happened. */
export async function verifyOnce(
  action: Action,
  request: ActionRequest<unknown>,
  limits: CallLimits,
  bounds: CallBounds,
): Promise<Verification> {
  return bounded<Verification>(
    limits,
    bounds,
    () => 'unknown',
    (signal) => action.verify(request, signal),
  )
}

function unknownOutcome(why: string): Outcome {
  return { status: 'unknown', why }
}

async function bounded<T>(
  { attemptTimeoutMs }: CallLimits,
  { timeout, stopped }: CallBounds,
  unknown: (why: string) => T,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.any([timeout(attemptTimeoutMs), stopped])
  let onAbort = () => {}
  const aborted = new Promise<T>((resolve) => {
    onAbort = () => resolve(unknown(`no outcome within ${attemptTimeoutMs} ms`))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([call(signal), aborted])
  } catch (error) {
    return unknown(error instanceof Error ? error.message : String(error))
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
