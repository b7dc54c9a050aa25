import type { SourceSample } from '../cluster/observation.ts'
import type { EventField } from '../event/event-fields.ts'
import { offeredTo, type SampledFields, type Vantage, type WantedVantage } from './field-sample.ts'

/**
 * What readers of input partitions tell of the events they looked at, put together. A reader that took a partition over counts
 * anew; what was seen once stays seen.
 */
export class ToldFields {
  readonly #samples = new Map<string, Map<Vantage, { events: number; present: Map<EventField, number> }>>()
  readonly #worked = new Set<string>()

  /** `partition`: whose events, by its `partitionKey`. */
  take(partition: string, { byVantage, worked }: SourceSample): void {
    for (const detector of worked) this.#worked.add(detector)
    const own = this.#samples.get(partition) ?? new Map()
    this.#samples.set(partition, own)
    for (const { vantage, events, fields } of byVantage) {
      const before = own.get(vantage)
      const present = before?.present ?? new Map<EventField, number>()
      for (const field of fields) present.set(field as EventField, 1)
      own.set(vantage as Vantage, { events: Math.max(events, before?.events ?? 0), present })
    }
  }

  /** As `FieldSample.offered`; how often a field was there is not known. */
  offered(vantage: WantedVantage): SampledFields {
    return offeredTo(
      vantage,
      [...this.#samples.values()].flatMap((own) => [...own]),
    )
  }

  /** Detectors for which an entity was seen, as `IdleDetectors.held` takes them. */
  get worked(): (readonly [detector: string, entities: number])[] {
    return [...this.#worked].map((detector) => [detector, 1] as const)
  }
}
