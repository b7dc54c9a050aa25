import { folded } from '../../core/aggregates/aggregate.ts'
import { distinct } from '../../core/aggregates/distinct.ts'
import { table } from '../../core/aggregates/table.ts'
import { senderColumns, sightingColumns } from './sighting.ts'

/**
 * A provider has sightings by endpoint and id, and senders by vantage and address. A sender (entity kind `ip`) has no
 * sightings, and its `senders` are the providers that it claims to be.
 */
export const paneShape = {
  sightings: table(4096, sightingColumns),
  senders: table(512, senderColumns),
  forgedIds: distinct(128),
}
export const memoryShape = {
  longSightings: folded('sightings', table(4096, sightingColumns)),
  longSenders: folded('senders', table(1024, senderColumns)),
  longForgedIds: folded('forgedIds', distinct(128)),
}
