import type { Event } from '../event/event.ts'
import type { EventField } from '../event/event-fields.ts'

/** All of the first events are looked at, then one in so many. */
const allUpTo = 1000
const every = 64

export type Vantage = 'edge' | 'service' | 'unsaid'

/** What a sample of the events said, by whose view they are. */
export interface SampledFields {
  /** Events that were looked at. */
  readonly events: number
  /** In how many of them a field was. */
  readonly present: ReadonlyMap<EventField, number>
}

export type WantedVantage = 'edge' | 'service' | 'any'

/** What a detector with this vantage was offered. */
export function offeredTo(
  vantage: WantedVantage,
  samples: Iterable<readonly [Vantage, SampledFields]>,
): SampledFields {
  const present = new Map<EventField, number>()
  let events = 0
  for (const [own, sampled] of samples) {
    if (vantage !== 'any' && own !== 'unsaid' && own !== vantage) continue
    events += sampled.events
    for (const [field, count] of sampled.present) present.set(field, (present.get(field) ?? 0) + count)
  }
  return { events, present }
}

/** Which fields events have, from a sample that costs next to nothing. */
export class FieldSample {
  readonly #fields: readonly EventField[]
  readonly #byVantage = new Map<Vantage, { events: number; readonly present: Map<EventField, number> }>()
  #seen = 0
  #next = 0

  /** `fields`: those that somebody reads. */
  constructor(fields: Iterable<EventField>) {
    this.#fields = [...fields]
  }

  /** Events in the order in which they are judged; they may change once this returns. */
  add(items: readonly { readonly event: Event }[]): void {
    const end = this.#seen + items.length
    while (this.#next < end) {
      const item = items[this.#next - this.#seen]
      if (item) this.#look(item.event)
      this.#next += this.#next < allUpTo ? 1 : every
    }
    this.#seen = end
  }

  /** What a detector with this vantage was offered. */
  offered(vantage: WantedVantage): SampledFields {
    return offeredTo(vantage, this.#byVantage)
  }

  /** All that was looked at. */
  get byVantage(): ReadonlyMap<Vantage, SampledFields> {
    return this.#byVantage
  }

  #look(event: Event): void {
    const vantage = event.vantage === 'edge' || event.vantage === 'service' ? event.vantage : 'unsaid'
    const sampled = this.#byVantage.get(vantage) ?? { events: 0, present: new Map<EventField, number>() }
    this.#byVantage.set(vantage, sampled)
    sampled.events++
    const { present } = sampled
    for (const field of this.#fields) {
      if (event[field] !== undefined) present.set(field, (present.get(field) ?? 0) + 1)
    }
  }
}
