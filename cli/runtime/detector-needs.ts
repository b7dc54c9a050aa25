import type { ConfiguredDetector } from '../../core/detector/detector.ts'
import type { EventField } from '../../core/event/event-fields.ts'

/** Without one field of each group a detector sees nothing at all. Its other reads make it see more, or more surely. */
const needs: Readonly<Record<string, readonly (readonly EventField[])[]>> = {
  'credential-stuffing': [['client.ip'], ['auth.outcome', 'status'], ['auth.account', 'path', 'route']],
  'jti-reuse': [['token.jti']],
  'sequential-enumeration': [['object.id'], ['principal.id', 'key.id', 'client.id', 'client.ip']],
  'webhook-skew': [['webhook.provider', 'webhook.id', 'webhook.timestamp', 'webhook.signature', 'path']],
}

/** What the pipeline adds or gateways say of Picket's own acts: nobody has to map it. */
const ownFields: ReadonlySet<EventField> = new Set(['kind', 'vantage', 'enforced_by'])

/** What a detector can see in events that bear certain fields only. */
export interface DetectorSight {
  readonly detector: string
  /** It sees nothing: one field of each of these groups is needed. */
  readonly blindWithout: readonly (readonly EventField[])[]
  /** It reads these as well, and no event bore them. */
  readonly neverSeen: readonly EventField[]
}

export function detectorSight(
  detectors: readonly ConfiguredDetector[],
  seen: ReadonlySet<EventField>,
): DetectorSight[] {
  return detectors.map(({ detector: { id, reads } }) => {
    const blindWithout = (needs[id] ?? []).filter((group) => !group.some((field) => seen.has(field)))
    const missing = reads.filter((field) => !seen.has(field) && !ownFields.has(field))
    const named = new Set(blindWithout.flat())
    return { detector: id, blindWithout, neverSeen: missing.filter((field) => !named.has(field)) }
  })
}

/** The ids that have needs of their own here, for the test that ties them to the detectors. */
export const detectorsWithNeeds = needs
