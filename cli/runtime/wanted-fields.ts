import type { ConfiguredDetector } from '../../core/detector/detector.ts'
import { trafficShape } from '../../core/engine/traffic-shape.ts'
import { type EventField, eventFieldNames } from '../../core/event/event-fields.ts'

/** What the way itself needs of an event, whoever judges it. */
const always: readonly EventField[] = ['time', 'vantage', 'enforced_by']

/** The fields that decoders must read: what detectors declare; with copies in the analytics store, all. */
export function wantedFields(
  detectors: readonly ConfiguredDetector[],
  copied: boolean,
): ReadonlySet<EventField> {
  if (copied) return new Set(eventFieldNames)
  return new Set([...trafficShape.reads, ...fieldsOf(detectors)])
}

/** The fields that an engine with these detectors reads. */
export function fieldsOf(detectors: readonly ConfiguredDetector[]): ReadonlySet<EventField> {
  return new Set([...always, ...detectors.flatMap(({ detector }) => detector.reads)])
}
