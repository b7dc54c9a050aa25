import { setImmediate, setTimeout as sleep } from 'node:timers/promises'

/** How the loops of a run let time pass: by the machine's timers, or by a simulator's scheduler. */
export interface Waits {
  /** Resolves after the time, milliseconds, or earlier when the signal aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** Lets everything else that is ready go first. */
  turn(): Promise<void>
}

/** The machine's own timers. */
export const realWaits: Waits = {
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
  turn: () => setImmediate(),
}
