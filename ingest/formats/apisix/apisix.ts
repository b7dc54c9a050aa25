import type { Format } from '../../../core/event/decoder.ts'
import {
  fieldMeaning,
  type JsonLogDialect,
  jsonLogConfidence,
  type KeyMeaning,
  type NestedMeaning,
} from '../json-dialect.ts'
import type { JsonLogOptions } from '../json-log.ts'
import { jsonLogDecoder } from '../json-log-decoder.ts'
import { logTime } from '../log-time.ts'
import { nginxDialect } from '../nginx-json/nginx-json.ts'
import { takeRequestLine } from '../request-line.ts'

/** nginx variables for a `log_format`, but for the user of HTTP Basic, whom nobody need have checked. */
const variables = [...nginxDialect.meanings].filter(([name]) => name !== 'remote_user')

const meanings: ReadonlyMap<string, KeyMeaning> = new Map<string, KeyMeaning>([
  ...variables,
  ['start_time', fieldMeaning('time')],
  ['client_ip', fieldMeaning('client.ip')],
  ['latency', fieldMeaning('latency_ms')],
  ['consumer_name', fieldMeaning('principal.id', 1)],
  ['service_name', fieldMeaning('service')],
])

/** The default entry of the logger plugins: github.com/apache/apisix, apisix/utils/log-util.lua. */
const nested: ReadonlyMap<string, NestedMeaning> = new Map<string, NestedMeaning>([
  ['request.method', fieldMeaning('method', 1)],
  ['request.uri', fieldMeaning('path', 3)],
  ['request.url', fieldMeaning('path', 4)],
  ['request.size', fieldMeaning('bytes_in', 1)],
  ['request.headers.host', fieldMeaning('host', 3)],
  ['request.headers.user-agent', fieldMeaning('client.user_agent', 2)],
  ['request.headers.traceparent', fieldMeaning('trace', 1)],
  ['request.headers.x-request-id', fieldMeaning('id', 2)],
  ['request.headers.x-forwarded-for', fieldMeaning('x_forwarded_for', 1)],
  ['response.status', fieldMeaning('status', 1)],
  ['response.size', fieldMeaning('bytes_out', 2)],
  ['consumer.username', fieldMeaning('principal.id')],
])

const distinct = new Set([
  'apisix_latency',
  'upstream_latency',
  'route_id',
  'service_id',
  'consumer',
  'consumer_name',
])

export const apisixDialect: JsonLogDialect = {
  plainName: nginxDialect.plainName,
  meanings,
  nested,
  complete(fields, values) {
    fields.takeKnown('vantage', 'edge', 10)
    fields.takeKnown('gateway', 'apisix', 10)
    if (typeof values.request_line === 'string') takeRequestLine(values.request_line, fields, 2)
  },
  parseTime: logTime,
}

/** What APISIX's http-logger, file-logger and kafka-logger write, with their own entry or a `log_format`. */
export const apisix: Format<JsonLogOptions> = {
  id: 'apisix',
  summary: 'Apache APISIX http-logger, file-logger or kafka-logger, default entry or log_format in JSON.',
  notKept: new Map([
    ['request.querystring', 'the query, of which ingest.query_allowlist keeps names in path'],
    ['request.headers', 'headers hold credentials: only five are looked at'],
    ['response.headers', 'headers hold credentials'],
    ['upstream', 'an address of ours, not of the client'],
    ['upstream_latency', 'latency is the whole'],
    ['apisix_latency', 'latency is the whole'],
    ['route_id', 'names APISIX’s rule, not the template of the path'],
    ['service_id', 'of a request without route it is the Host that the client sent'],
    ['remote_user', 'the name that was tried; APISIX tells a consumer where one was authenticated'],
    ['server', 'APISIX itself'],
  ]),
  confidence(line) {
    const confidence = jsonLogConfidence(line, apisixDialect, distinct)
    // A `log_format` of nginx variables is nginx's own but for what APISIX adds to it.
    return confidence > 0.9 ? 0.99 : confidence
  },
  open: (options, wanted, counts) => jsonLogDecoder(apisixDialect, options, wanted, counts),
}
