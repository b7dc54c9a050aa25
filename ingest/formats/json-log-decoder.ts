import type { Decode, DecodeCounts } from '../../core/event/decoder.ts'
import type { EventField } from '../../core/event/event-fields.ts'
import type { JsonLogDialect } from './json-dialect.ts'
import { type JsonLogOptions, jsonLogParser } from './json-log.ts'
import { neededPlaces } from './needed.ts'
import { LogProjection } from './projection/log-projection.ts'
import { projected } from './projection/projected.ts'

/** A decoder for JSON access logs of one dialect. Throws when `fields` names what is no event field. */
export function jsonLogDecoder(
  dialect: JsonLogDialect,
  options: JsonLogOptions = {},
  wanted?: ReadonlySet<EventField>,
  counts?: DecodeCounts,
): Decode {
  const needed = neededPlaces(wanted)
  return projected(
    new LogProjection(dialect, options, needed),
    jsonLogParser(dialect, options),
    needed,
    counts,
  )
}
