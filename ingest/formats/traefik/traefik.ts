import type { Format } from '../../../core/event/decoder.ts'
import {
  dialectMeaning,
  fieldMeaning,
  type JsonLogDialect,
  jsonLogConfidence,
  type KeyMeaning,
} from '../json-dialect.ts'
import type { JsonLogOptions } from '../json-log.ts'
import { jsonLogDecoder } from '../json-log-decoder.ts'
import { opensObject } from '../opens-object.ts'
import { commonLogConfidence, commonLogDecoder } from './common-log.ts'

/** Fields of Traefik's access log: doc.traefik.io/traefik/observability/access-logs, names in lower case. */
const meanings: ReadonlyMap<string, KeyMeaning> = new Map<string, KeyMeaning>([
  ['startutc', fieldMeaning('time')],
  ['startlocal', fieldMeaning('time', 1)],
  ['time', fieldMeaning('time', 2)],
  ['clientaddr', fieldMeaning('client.ip')],
  ['clienthost', dialectMeaning('forwarded')],
  ['requestmethod', fieldMeaning('method')],
  ['requestpath', fieldMeaning('path')],
  ['requesthost', fieldMeaning('host')],
  ['requestaddr', fieldMeaning('host', 1)],
  ['downstreamstatus', fieldMeaning('status')],
  ['originstatus', fieldMeaning('status', 1)],
  ['duration', fieldMeaning('latency_ns')],
  ['requestcontentsize', fieldMeaning('bytes_in')],
  ['downstreamcontentsize', fieldMeaning('bytes_out')],
  ['origincontentsize', fieldMeaning('bytes_out', 1)],
  ['servicename', fieldMeaning('service')],
  ['request_user_agent', fieldMeaning('client.user_agent')],
  ['request_x_request_id', fieldMeaning('id')],
  ['traceid', fieldMeaning('trace')],
  ['request_traceparent', fieldMeaning('trace', 1)],
])

const distinct = new Set([
  'startutc',
  'startlocal',
  'clientaddr',
  'clienthost',
  'requestmethod',
  'requestpath',
  'requestaddr',
  'requesthost',
  'routername',
  'serviceurl',
  'serviceaddr',
  'downstreamstatus',
  'originstatus',
  'origincontentsize',
  'entrypointname',
  'retryattempts',
  'overhead',
])

export const traefikDialect: JsonLogDialect = {
  plainName: (key) => key.toLowerCase().replaceAll('-', '_'),
  meanings,
  complete(fields, { forwarded }) {
    fields.takeKnown('vantage', 'edge', 10)
    fields.takeKnown('gateway', 'traefik', 10)
    // All of X-Forwarded-For where the request bore one, else the peer: a list that the client may have begun.
    if (typeof forwarded !== 'string') return
    fields.take('x_forwarded_for', forwarded)
    fields.take('client.ip', forwarded, 3)
  },
}

/** Traefik's access log, in JSON or in its common log format. */
export const traefik: Format<JsonLogOptions> = {
  id: 'traefik',
  summary: 'Traefik access log, format json or common.',
  notKept: new Map([
    [
      'ClientUsername',
      'a client can write it into the request line; map it where every router authenticates',
    ],
    ['user', 'a client can write it into the request line'],
    ['ClientHost', 'X-Forwarded-For as it came; ingest.traefik.trusted_hops says which entry is ours'],
    ['time', 'when the line was written'],
    ['RouterName', 'names Traefik’s rule, not the template of the path'],
    ['OriginDuration', 'Duration is the whole'],
    ['Overhead', 'Duration is the whole'],
    ['level', 'of the log, not of the request'],
    ['msg', 'of the log, not of the request'],
  ]),
  confidence(line) {
    return Math.max(jsonLogConfidence(line, traefikDialect, distinct), commonLogConfidence(line))
  },
  open(options, wanted, counts) {
    const json = jsonLogDecoder(traefikDialect, options, wanted, counts)
    const common = commonLogDecoder(options, wanted, counts)
    return (bytes, start, end, event) =>
      opensObject(bytes, start, end) ? json(bytes, start, end, event) : common(bytes, start, end, event)
  },
}
