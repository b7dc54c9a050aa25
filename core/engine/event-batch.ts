import type { Event } from '../event/event.ts'
import { hintsOf } from '../event/event-record.ts'

/**
 * Events that are all shown to one detector before the next: what a detector runs and looks up stays in the processor's
 * caches for as long, where five detectors by turns push each other's out with every event.
 */
export class EventBatch {
  /** More would push each other out, too. */
  static readonly sizeMax = 256
  readonly #events: Event[] = []
  /** `EventRecord.hints` of each. */
  readonly #hints: Int32Array[] = []
  #size = 0

  get isFull(): boolean {
    return this.#size === EventBatch.sizeMax
  }

  add(event: Event): void {
    this.#events[this.#size] = event
    this.#hints[this.#size] = hintsOf(event)
    this.#size++
  }

  /** Calls back for each event in the order of arrival, with its hints. */
  each(take: (event: Event, hints: Int32Array) => void): void {
    for (let at = 0; at < this.#size; at++) take(this.#events[at] as Event, this.#hints[at] as Int32Array)
  }

  clear(): void {
    this.#size = 0
  }
}
