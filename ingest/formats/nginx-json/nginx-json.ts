import type { Format } from '../../../core/event/decoder.ts'
import { fieldMeaning, type JsonLogDialect, jsonLogConfidence, type KeyMeaning } from '../json-dialect.ts'
import type { JsonLogOptions } from '../json-log.ts'
import { jsonLogDecoder } from '../json-log-decoder.ts'
import { logTime } from '../log-time.ts'
import { takeRequestLine } from '../request-line.ts'

/** nginx variables (http://nginx.org/en/docs/varindex.html) and short forms of them that operators use. */
const meanings: ReadonlyMap<string, KeyMeaning> = new Map<string, KeyMeaning>([
  ['msec', fieldMeaning('time')],
  ['time_iso8601', fieldMeaning('time', 1)],
  ['time_local', fieldMeaning('time', 2)],
  ['timestamp', fieldMeaning('time', 3)],
  ['@timestamp', fieldMeaning('time', 3)],
  ['time', fieldMeaning('time', 3)],
  ['ts', fieldMeaning('time', 3)],
  ['remote_addr', fieldMeaning('client.ip')],
  ['http_x_forwarded_for', fieldMeaning('x_forwarded_for')],
  ['request_method', fieldMeaning('method')],
  ['request_uri', fieldMeaning('path')],
  ['uri', fieldMeaning('path', 2)],
  ['request', { kind: 'dialect', value: 'request_line' }],
  ['status', fieldMeaning('status')],
  ['request_time', fieldMeaning('latency_s')],
  ['request_length', fieldMeaning('bytes_in')],
  ['bytes_sent', fieldMeaning('bytes_out', 1)],
  ['body_bytes_sent', fieldMeaning('bytes_out')],
  ['http_user_agent', fieldMeaning('client.user_agent')],
  ['user_agent', fieldMeaning('client.user_agent', 1)],
  ['http_host', fieldMeaning('host', 1)],
  ['host', fieldMeaning('host')],
  ['server_name', fieldMeaning('host', 2)],
  ['request_id', fieldMeaning('id')],
  ['http_x_request_id', fieldMeaning('id', 1)],
  ['http_traceparent', fieldMeaning('trace')],
  ['remote_user', { kind: 'dialect', value: 'user' }],
  ['ssl_ja4', fieldMeaning('client.ja4')],
  ['ssl_ja3_hash', fieldMeaning('client.ja4', 1)],
  ['geoip_country_code', fieldMeaning('client.country')],
  ['jwt_claims', { kind: 'claims' }],
])

const distinct = new Set([
  'msec',
  'time_iso8601',
  'time_local',
  'remote_addr',
  'remote_user',
  'request_uri',
  'request_time',
  'request_length',
  'body_bytes_sent',
  'http_user_agent',
  'http_referer',
  'http_host',
  'http_x_forwarded_for',
  'upstream_response_time',
  'upstream_addr',
  'server_name',
])

export const nginxDialect: JsonLogDialect = {
  plainName: (key) => key.replace(/^\$/, '').toLowerCase().replaceAll('-', '_'),
  meanings,
  complete(fields, values) {
    fields.takeKnown('vantage', 'edge', 10)
    fields.takeKnown('gateway', 'nginx', 10)
    if (typeof values.request_line === 'string') takeRequestLine(values.request_line, fields, 1)
    fields.takeUser(values.user)
  },
  parseTime: logTime,
}

/** nginx `log_format … escape=json`, keys named after the variables. */
export const nginxJson: Format<JsonLogOptions> = {
  id: 'nginx-json',
  summary: 'nginx access log in JSON (log_format escape=json), keys named after the variables.',
  notKept: new Map([
    ['remote_user', 'the answer was 401 or 407: the name was only tried'],
    ['http_x_forwarded_for', 'what clients wrote; ingest.nginx-json.trusted_hops says which entry is ours'],
  ]),
  confidence: (line) => jsonLogConfidence(line, nginxDialect, distinct),
  open: (options, wanted, counts) => jsonLogDecoder(nginxDialect, options, wanted, counts),
}
