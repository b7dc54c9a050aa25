import type { Decode, DecodeCounts, Decoded } from '../../../core/event/decoder.ts'
import type { EventRecord } from '../../../core/event/event-record.ts'
import { fieldPlaces } from '../places.ts'

/** Reads a line straight from its bytes; false where these leave a doubt. */
export interface Projection {
  read(bytes: Uint8Array, start: number, end: number, event: EventRecord): boolean
}

/**
 * A decoder that reads lines straight from their bytes, and gives those that leave a doubt to the parser, which says
 * what a line means. Only the needed fields are filled in.
 */
export function projected(
  projection: Projection,
  parse: (line: Uint8Array, event: EventRecord) => Decoded,
  needed: Uint8Array,
  counts: DecodeCounts = { projected: 0, parsed: 0 },
): Decode {
  const unneeded = Array.from({ length: fieldPlaces }, (_, place) => place).filter(
    (place) => needed[place] !== 1,
  )
  return function decode(bytes, start, end, event) {
    if (projection.read(bytes, start, end, event)) {
      counts.projected++
      return 'event'
    }
    counts.parsed++
    const decoded = parse(bytes.subarray(start, end), event)
    if (decoded === 'event') for (const place of unneeded) event.set(place, undefined)
    return decoded
  }
}
