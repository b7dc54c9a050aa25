import type { Format } from '../../../core/event/decoder.ts'
import { jsonLogConfidence } from '../json-dialect.ts'
import { jsonLogDecoder } from '../json-log-decoder.ts'
import { opensObject } from '../opens-object.ts'
import { type CloudFrontOptions, extendedLogConfidence, extendedLogDecoder } from './extended-log.ts'
import { cloudfrontDialect, cloudfrontOnly } from './fields.ts'

/** CloudFront standard logs: W3C extended with tabs, or the JSON of logging v2. */
export const cloudfront: Format<CloudFrontOptions> = {
  id: 'cloudfront',
  summary: 'Amazon CloudFront standard log, W3C extended (tabs) or JSON.',
  notKept: new Map([
    ['cs-uri-query', 'the query, of which ingest.query_allowlist keeps names in path'],
    ['x-forwarded-for', 'what clients wrote; ingest.cloudfront.trusted_hops says which entry is ours'],
    ['cs(Host)', 'x-host-header tells it'],
    ['cs(Cookie)', 'cookies never enter'],
    ['cs(Referer)', 'no field holds it'],
    ['x-edge-result-type', 'how the cache answered'],
    ['x-edge-location', 'where CloudFront answered'],
    ['cs-protocol', 'no field holds it'],
    ['time-to-first-byte', 'time-taken is the whole'],
  ]),
  confidence(line) {
    return Math.max(jsonLogConfidence(line, cloudfrontDialect, cloudfrontOnly), extendedLogConfidence(line))
  },
  open({ columns, ...options }, wanted, counts) {
    const json = jsonLogDecoder(cloudfrontDialect, options, wanted, counts)
    const extended = extendedLogDecoder({ ...options, columns }, wanted, counts)
    return (bytes, start, end, event) =>
      opensObject(bytes, start, end) ? json(bytes, start, end, event) : extended(bytes, start, end, event)
  },
}
