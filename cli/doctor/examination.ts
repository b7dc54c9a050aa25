import { setMaxListeners } from 'node:events'

/** One thing that was looked at. */
export interface Result {
  readonly level: 'ok' | 'warn' | 'fail'
  /** What it is about, such as `kafka gateway`. */
  readonly about: string
  readonly message: string
  /** What to do next; with `warn` and `fail` always there. */
  readonly todo?: string
}

/** Looks at one part of the world. What it throws is a failure of what it looked at. */
export interface Examination {
  readonly about: string
  examine(signal: AbortSignal): Promise<readonly Result[]> | readonly Result[]
}

/** Makes results about one thing. */
export function resultsAbout(about: string) {
  return {
    ok: (message: string): Result => ({ level: 'ok', about, message }),
    warn: (message: string, todo: string): Result => ({ level: 'warn', about, message, todo }),
    fail: (message: string, todo: string): Result => ({ level: 'fail', about, message, todo }),
  }
}

/**
 * Does all examinations side by side; those that have no result in time fail, so that it always ends. Results are in the
 * order of the examinations.
 */
export async function examine(
  examinations: readonly Examination[],
  timeoutMs: number,
): Promise<readonly Result[]> {
  const signal = AbortSignal.timeout(timeoutMs)
  // Every examination listens to it, some more than once.
  setMaxListeners(0, signal)
  const results = await Promise.all(examinations.map((examination) => inTime(examination, signal, timeoutMs)))
  return results.flat()
}

async function inTime(
  { about, examine }: Examination,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<readonly Result[]> {
  const { fail } = resultsAbout(about)
  const late = new Promise<readonly Result[]>((resolve) => {
    const message = `no result within ${timeoutMs / 1000} s`
    const todo = 'see whether the network or the disk behind it answers other programs'
    signal.addEventListener('abort', () => resolve([fail(message, todo)]), { once: true })
  })
  const done = (async () => examine(signal))().catch((error: unknown) => [
    fail(error instanceof Error ? error.message : String(error), 'see the message; it names what is wrong'),
  ])
  return Promise.race([done, late])
}
