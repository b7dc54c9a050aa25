import type { DeadLetter } from '../../core/event/refusal.ts'
import type { ControlEntry } from '../../core/manifest/control-log.ts'

/** Logs that the engine only writes and that people, and `replay --manifest live`, read. */
export interface StateLogs {
  /** The newest dead letters, oldest of them first; at most 10,000 are kept. */
  deadLetters(limit?: number): Promise<readonly DeadLetter[]>
  /** In the order in which they were written. */
  controlLog(): Promise<readonly ControlEntry[]>
}
