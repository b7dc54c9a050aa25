import type { Event } from './event.ts'
import type { EventField } from './event-fields.ts'
import type { RefusalReason } from './refusal.ts'

/** What became of one line: an event, nothing to keep (blank, comment), or a refusal. */
export type Decoded =
  | { readonly outcome: 'event'; readonly event: Event }
  | { readonly outcome: 'skip' }
  | { readonly outcome: 'refused'; readonly reason: RefusalReason; readonly detail: string }

/** Turns the bytes of one record into an event. Never throws; keeps no reference to the bytes. */
export type Decode = (line: Uint8Array) => Decoded

/** A wire format. Formats are detected by `confidence` on the first lines when no format is named. */
export interface Format<Options = unknown> {
  readonly id: string
  readonly summary: string
  /** 0 (not mine) to 1 (surely mine) for one sample line. */
  confidence(line: string): number
  /** `wanted`: fields that anybody reads; others may be left out. By default all. Refusals don't depend on it. */
  open(options: Options, wanted?: ReadonlySet<EventField>): Decode
}
