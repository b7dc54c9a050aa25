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
  const read = [trafficShape, ...detectors.map(({ detector }) => detector)].flatMap(({ reads }) => reads)
  return new Set([...always, ...read])
}
