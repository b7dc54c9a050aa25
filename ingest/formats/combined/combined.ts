import type { Format } from '../../../core/event/decoder.ts'
import { logTime } from '../log-time.ts'
import { neededPlaces } from '../needed.ts'
import { CombinedProjection } from '../projection/combined-projection.ts'
import { projected } from '../projection/projected.ts'
import { type CombinedOptions, combinedParser } from './combined-parser.ts'
import { cutLogLine } from './log-line.ts'

/** Common and combined logs of nginx and Apache, with virtual host or syslog header, and extra fields. */
export const combined: Format<CombinedOptions> = {
  id: 'combined',
  summary: 'nginx or Apache access log, common or combined, with optional extra fields.',
  notKept: new Map([
    ['ident', 'nobody proves it'],
    ['user', 'the answer was 401 or 407: the name was only tried'],
    ['request', 'no request line: it tells neither method nor path'],
    ['referrer', 'no field holds it'],
  ]),
  confidence(line) {
    const cut = cutLogLine(line)
    if (!cut || logTime(cut.time) === undefined) return 0
    return cut.userAgent === undefined ? 0.9 : 0.95
  },
  open(options, wanted, counts) {
    const needed = neededPlaces(wanted)
    return projected(new CombinedProjection(options, needed), combinedParser(options), needed, counts)
  },
}
