import { createDetection } from '../../cli/runtime/detection.ts'
import { decoderOpener } from '../../cli/runtime/lanes.ts'
import { wantedFields } from '../../cli/runtime/wanted-fields.ts'
import type { Finding } from '../../core/detector/finding.ts'
import { byLastThenId } from '../../core/detector/finding-order.ts'
import { EventRecord } from '../../core/event/event-record.ts'
import { partitionKey } from '../../core/event/position.ts'
import { fixedPublicKey, pseudonymiser } from '../../ingest/privacy/pseudonym.ts'
import { settings } from './settings.ts'
import type { World } from './world.ts'

/** The final findings of one engine that never fails, over the events that the run accepted, in the order of time. */
export function faultFreeFindings({ partitions, intake }: World): Finding[] {
  const decode = decoderOpener(settings.config, wantedFields(settings.detectors, false))('canonical')
  const pseudonymise = pseudonymiser(fixedPublicKey)
  const events = partitions.flatMap(({ source, name, records }) => {
    const fates = intake.durable.get(partitionKey(source, name))
    return records
      .filter(({ offset }) => fates?.get(offset) === 'accepted')
      .map(({ line }) => {
        const event = new EventRecord()
        const bytes = Buffer.from(line)
        decode(bytes, 0, bytes.length, event)
        if (event['auth.account'] !== undefined) event['auth.account'] = pseudonymise(event['auth.account'])
        return event
      })
  })
  const { engine } = createDetection({ ...settings, lane: 'live', key: fixedPublicKey, keeping: 'nothing' })
  for (const event of events.sort((left, right) => left.time - right.time)) engine.observe(event)
  engine.advance(Number.POSITIVE_INFINITY)
  return engine
    .drain()
    .findings.filter(({ state }) => state === 'final')
    .sort(byLastThenId)
}
