import type { Detector } from '../detector/detector.ts'
import type { EventField } from '../event/event-fields.ts'
import type { Condition } from './condition.ts'
import type { FieldSample } from './field-sample.ts'

/** What events had, from a sample of them. */
export type OfferedFields = Pick<FieldSample, 'offered'>

type Reader = Pick<Detector, 'id' | 'vantage' | 'reads'>

/** Fewer events say nothing about what a source gives. */
const eventsMin = 200
/** Enough to see what to map. */
const fieldsShown = 12

/**
 * Detectors that see nothing: events come, none of them opened an entity, and fields that the detector reads are in no
 * event. Where all fields are there, or entities are, there is only nothing to find.
 */
export class IdleDetectors {
  readonly #detectors: readonly Reader[]
  readonly #sample: OfferedFields
  readonly #worked = new Set<string>()
  #since: number | undefined

  constructor(detectors: readonly Reader[], sample: OfferedFields) {
    this.#detectors = detectors
    this.#sample = sample
  }

  /** None is left to be told of. */
  get allWorked(): boolean {
    return this.#detectors.every(({ id }) => this.#worked.has(id))
  }

  /** Entities held now by detector id: one that ever held some works. Call it as often as state is sealed. */
  held(at: number, counts: Iterable<readonly [detector: string, entities: number]>): void {
    this.#since ??= at
    for (const [detector, entities] of counts) if (entities > 0) this.#worked.add(detector)
  }

  conditions(): Condition[] {
    if (this.#sample.offered('any').events < eventsMin) return []
    return this.#detectors.flatMap((detector) => this.#conditionOf(detector) ?? [])
  }

  /** What few detectors read tells most about this one. */
  #readers(field: EventField): number {
    return this.#detectors.filter(({ reads }) => reads.includes(field)).length
  }

  #conditionOf({ id, vantage, reads }: Reader): Condition | undefined {
    if (this.#worked.has(id)) return undefined
    const common = { rule: 'idle-detector', what: `detector/${id}`, since: this.#since ?? 0 } as const
    const { events, present } = this.#sample.offered(vantage)
    if (events === 0) {
      const what_to_do = `set \`vantage: ${vantage}\` at a source that gives that view, or disable the detector`
      return { ...common, evidence: { detector: id, vantage, events_of_vantage: 0, what_to_do } }
    }
    const missing = [...reads]
      .filter((field) => !present.has(field) && field !== 'enforced_by')
      .sort((left, right) => this.#readers(left) - this.#readers(right) || (left < right ? -1 : 1))
    if (missing.length === 0) return undefined
    return {
      ...common,
      evidence: {
        detector: id,
        events_looked_at: events,
        fields_missing: missing.slice(0, fieldsShown),
        what_to_do:
          "log these fields and map them (`ingest.<format>.fields`), or disable the detector if there is nothing of the kind; its README says which it can't do without",
      },
    }
  }
}
