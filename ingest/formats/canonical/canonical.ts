import type { Format } from '../../../core/event/decoder.ts'
import { neededPlaces } from '../needed.ts'
import type { PathOptions } from '../path-facts.ts'
import { CanonicalProjection } from '../projection/canonical-projection.ts'
import { projected } from '../projection/projected.ts'
import { canonicalConfidence, canonicalParser } from './canonical-parser.ts'

/** Our own record as NDJSON: nested objects, dotted keys or both; the later of two spellings wins. */
export const canonical: Format<PathOptions> = {
  id: 'canonical',
  summary: 'Picket’s own event record as NDJSON, nested or with dotted keys.',
  confidence: canonicalConfidence,
  open(options, wanted, counts) {
    const needed = neededPlaces(wanted)
    return projected(new CanonicalProjection(options, needed), canonicalParser(options), needed, counts)
  },
}
