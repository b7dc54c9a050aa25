import { type Cells, folded } from '../../core/aggregates/aggregate.ts'
import { counter } from '../../core/aggregates/counter.ts'
import { distinct } from '../../core/aggregates/distinct.ts'
import { table } from '../../core/aggregates/table.ts'
import type { Delivery } from './delivery.ts'
import { senderColumns, sightingColumns } from './sighting.ts'

/** Different ids with a failed signature that are counted exactly. */
export const forgedIdsKept = 128
/** No clock is worth a look whose timestamps are nearer to receipt than this. */
export const offMs = 60_000

/**
 * A provider has sightings by endpoint and id, and senders by vantage and address. A sender (entity kind `ip`) has no
 * sightings, and its `senders` are the providers that it claims to be.
 */
export const paneShape = {
  sightings: table(4096, sightingColumns),
  senders: table(512, senderColumns),
  forgedIds: distinct(forgedIdsKept),
  /** Counts of deliveries, for a cheap look: signed; forged; refused where only the status tells. */
  signed: counter(),
  forged: counter(),
  refused: counter(),
  /** Named ones that were refused, and that were let in unsigned. */
  refusedIds: counter(),
  unsignedIds: counter(),
  /** Sightings with a timestamp that counts, without, and with one that lies `offMs` or more from receipt. */
  stamped: counter(),
  unstamped: counter(),
  off: counter(),
}
export const memoryShape = {
  longSightings: folded('sightings', table(4096, sightingColumns)),
  longSenders: folded('senders', table(1024, senderColumns)),
  longForgedIds: folded('forgedIds', distinct(forgedIdsKept)),
  longSigned: folded('signed', counter()),
  longStamped: folded('stamped', counter()),
  longUnstamped: folded('unstamped', counter()),
  longOff: folded('off', counter()),
}

/** Adds a delivery to the counts of its provider or sender. */
export function countDelivery(cells: Cells<typeof paneShape>, delivery: Delivery): void {
  const { time, id, timestamp, forged, signed, refused, unsigned } = delivery
  if (signed) cells.signed.add()
  if (forged) cells.forged.add()
  if (id === undefined) {
    if (refused && timestamp === undefined) cells.refused.add()
  } else {
    if (refused) cells.refusedIds.add()
    if (unsigned) cells.unsignedIds.add()
  }
  if (id === undefined && timestamp === undefined) return
  if (forged || timestamp === undefined) cells.unstamped.add()
  else {
    cells.stamped.add()
    if (Math.abs(timestamp - time) >= offMs) cells.off.add()
  }
}
