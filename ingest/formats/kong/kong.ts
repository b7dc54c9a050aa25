import type { Format } from '../../../core/event/decoder.ts'
import {
  dialectMeaning,
  fieldMeaning,
  type JsonLogDialect,
  jsonLogConfidence,
  type KeyMeaning,
  type NestedMeaning,
} from '../json-dialect.ts'
import type { JsonLogOptions } from '../json-log.ts'
import { jsonLogDecoder } from '../json-log-decoder.ts'

const meanings: ReadonlyMap<string, KeyMeaning> = new Map<string, KeyMeaning>([
  ['started_at', fieldMeaning('time')],
  ['client_ip', fieldMeaning('client.ip')],
  ['jwt_claims', { kind: 'claims' }],
])

/** What `kong.log.serialize()` puts into objects: github.com/Kong/kong, kong/pdk/log.lua. */
const nested: ReadonlyMap<string, NestedMeaning> = new Map<string, NestedMeaning>([
  ['request.id', fieldMeaning('id')],
  ['request.method', fieldMeaning('method')],
  ['request.uri', fieldMeaning('path')],
  ['request.url', fieldMeaning('path', 1)],
  ['request.size', fieldMeaning('bytes_in')],
  ['request.headers.host', fieldMeaning('host')],
  ['request.headers.user-agent', fieldMeaning('client.user_agent')],
  ['request.headers.traceparent', fieldMeaning('trace')],
  ['request.headers.x-forwarded-for', fieldMeaning('x_forwarded_for')],
  ['response.status', fieldMeaning('status')],
  ['response.size', fieldMeaning('bytes_out')],
  ['latencies.request', fieldMeaning('latency_ms')],
  ['service.name', fieldMeaning('service')],
  ['consumer.username', fieldMeaning('principal.id')],
  ['consumer.custom_id', fieldMeaning('principal.id', 1)],
  ['consumer.id', fieldMeaning('principal.id', 2)],
  ['authenticated_entity.id', dialectMeaning('proof')],
])

const distinct = new Set([
  'started_at',
  'latencies',
  'authenticated_entity',
  'upstream_uri',
  'upstream_status',
  'tries',
  'workspace',
  'workspace_name',
])

export const kongDialect: JsonLogDialect = {
  plainName: (key) => key.toLowerCase().replaceAll('-', '_'),
  meanings,
  nested,
  complete(fields, { proof }) {
    fields.takeKnown('vantage', 'edge', 10)
    fields.takeKnown('gateway', 'kong', 10)
    const credential = typeof proof === 'string' && proof !== '' ? proof : undefined
    fields.take('key.id', credential)
    // A plugin with `anonymous` names a consumer for whoever did not authenticate; only a credential proves one.
    if (credential === undefined) fields.withdraw('principal.id', 0)
  },
}

/** What Kong's http-log, file-log and tcp-log plugins write: one object a request. */
export const kong: Format<JsonLogOptions> = {
  id: 'kong',
  summary: 'Kong http-log, file-log or tcp-log: the object of kong.log.serialize().',
  notKept: new Map([
    ['upstream_uri', 'what the upstream was asked, not what the client asked'],
    ['upstream_status', 'the client got response.status'],
    ['tries', 'balancer attempts'],
    ['request.querystring', 'the query, of which ingest.query_allowlist keeps names in path'],
    ['request.headers', 'headers hold credentials: only four are looked at'],
    ['response.headers', 'headers hold credentials'],
    ['consumer', 'another of its keys tells it, or no authenticated_entity proves it'],
    ['service', 'its name tells it'],
    ['route', 'names Kong’s rule, not the template of the path'],
    ['latencies.kong', 'latencies.request is the whole'],
    ['latencies.proxy', 'latencies.request is the whole'],
    ['authenticated_entity.consumer_id', 'the consumer tells it'],
  ]),
  confidence: (line) => jsonLogConfidence(line, kongDialect, distinct),
  open: (options, wanted, counts) => jsonLogDecoder(kongDialect, options, wanted, counts),
}
