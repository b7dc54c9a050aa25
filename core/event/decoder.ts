import type { EventField } from './event-fields.ts'
import type { EventRecord } from './event-record.ts'
import type { RefusalReason } from './refusal.ts'

/** Why a line is no event. `detail` says what exactly was wrong. */
export interface Refused {
  readonly reason: RefusalReason
  readonly detail: string
}

/** What became of one line: an event, nothing to keep (blank, comment), or a refusal. */
export type Decoded = 'event' | 'skip' | Refused

/**
 * Turns the bytes from `start` to before `end` into an event, written over whatever the caller's record held. Never
 * throws; once it has returned it reads neither bytes nor record again, and what it remembers are copies. After anything
 * but `event` the record means nothing.
 */
export type Decode = (bytes: Uint8Array, start: number, end: number, event: EventRecord) => Decoded

/** How the lines of a decoder were read. */
export interface DecodeCounts {
  /** Straight from their bytes. */
  projected: number
  /** Parsed whole, because the bytes left some doubt. */
  parsed: number
}

/** A wire format. Formats are detected by `confidence` on the first lines when no format is named. */
export interface Format<Options = unknown> {
  readonly id: string
  readonly summary: string
  /**
   * Why a key that such logs usually bear tells nothing, by its dotted path or that of the object that holds it, for people
   * who ask what became of it.
   */
  readonly notKept?: ReadonlyMap<string, string>
  /** 0 (not mine) to 1 (surely mine) for one sample line. */
  confidence(line: string): number
  /**
   * A decoder that fills in the wanted fields, and `time`; without `wanted` all. It may fill in others that these are
   * derived from. Whether a line is refused does not depend on what is wanted.
   */
  open(options: Options, wanted?: ReadonlySet<EventField>, counts?: DecodeCounts): Decode
}
