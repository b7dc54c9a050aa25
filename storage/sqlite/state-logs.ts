import type { DeadLetter } from '../../core/event/refusal.ts'
import type { ControlEntry, Snapshot } from '../../core/manifest/control-log.ts'
import type { Restored } from '../../core/ports/state-store.ts'

/** A dead letter with its number; numbers rise by one and are never used again. */
export interface NumberedLetter {
  readonly seq: number
  readonly letter: DeadLetter
}

/** Logs that the engine only writes and that people, and `replay --manifest live`, read. */
export interface StateLogs {
  /** The newest dead letters, oldest of them first; at most 10,000 are kept. */
  deadLetters(limit?: number): Promise<readonly DeadLetter[]>
  /** In the order in which they were written. */
  controlLog(): Promise<readonly ControlEntry[]>
  /** What a replay of this state's events goes by, at one moment. */
  recording(): Promise<Recording>
}

/** What was judged so far, and how. */
export interface Recording extends Pick<Restored, 'positions' | 'marks'> {
  readonly control: readonly ControlEntry[]
  readonly snapshots: ReadonlyMap<Snapshot['digest'], Snapshot['text']>
}

/** Dead letters for who goes on where it was. */
export interface NumberedLetters {
  /** Those behind a number that are still kept, in their order. */
  deadLettersAfter(seq: number, limit: number): Promise<readonly NumberedLetter[]>
}
