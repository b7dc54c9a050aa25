import { dialectMeaning, fieldMeaning, type JsonLogDialect, type KeyMeaning } from '../json-dialect.ts'
import { takeTarget } from '../target-parts.ts'

/**
 * Fields of a log file, names in lower case:
 * docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html.
 */
const meanings: ReadonlyMap<string, KeyMeaning> = new Map<string, KeyMeaning>([
  ['timestamp(ms)', fieldMeaning('time')],
  ['timestamp', fieldMeaning('time', 1)],
  ['date', dialectMeaning('date')],
  ['time', dialectMeaning('clock')],
  ['c-ip', fieldMeaning('client.ip')],
  ['x-forwarded-for', dialectMeaning('forwarded')],
  ['c-country', fieldMeaning('client.country')],
  ['asn', fieldMeaning('client.asn')],
  ['cs-method', fieldMeaning('method')],
  ['x-host-header', fieldMeaning('host')],
  ['cs(host)', fieldMeaning('host', 1)],
  ['cs-uri-stem', dialectMeaning('target')],
  ['cs-uri-query', dialectMeaning('query')],
  ['sc-status', fieldMeaning('status')],
  ['time-taken', fieldMeaning('latency_s')],
  ['cs-bytes', fieldMeaning('bytes_in')],
  ['sc-bytes', fieldMeaning('bytes_out')],
  ['cs(user-agent)', dialectMeaning('agent')],
  ['x-edge-request-id', fieldMeaning('id')],
])

/** Names that only a CloudFront log has. */
export const cloudfrontOnly: ReadonlySet<string> = new Set([
  'c-ip',
  'cs-method',
  'cs(host)',
  'cs-uri-stem',
  'sc-status',
  'cs(user-agent)',
  'x-edge-location',
  'x-edge-result-type',
  'x-edge-request-id',
  'x-host-header',
  'timestamp(ms)',
])

/** What the fields tell, in JSON and in columns. */
export const cloudfrontDialect: JsonLogDialect = {
  plainName: (key) => key.toLowerCase(),
  meanings,
  complete(fields, { date, clock, target, query, agent, forwarded }) {
    fields.takeKnown('vantage', 'edge', 10)
    fields.takeKnown('gateway', 'cloudfront', 10)
    if (typeof date === 'string' && typeof clock === 'string') fields.take('time', `${date}T${clock}Z`, 9)
    takeTarget(target, query, fields)
    if (typeof forwarded === 'string') fields.take('x_forwarded_for', decoded(forwarded))
    if (typeof agent === 'string') fields.take('client.user_agent', decoded(agent))
  },
}

/** Longest text decoded; what is kept of it is shorter. */
const lengthMax = 8192

/** CloudFront writes blanks as `%20`, and as `%2520` where the client sent `%`-escapes in older logs. */
function decoded(text: string): string {
  let plain = text
  for (let times = 0; times < 2 && /%[0-9A-Fa-f]{2}/.test(plain) && plain.length <= lengthMax; times++) {
    try {
      plain = decodeURIComponent(plain)
    } catch {
      return plain
    }
  }
  return plain
}
