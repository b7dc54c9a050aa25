import { dialectMeaning, fieldMeaning, type KeyMeaning, type NestedMeaning } from '../json-dialect.ts'

/** Attributes of the event itself. */
export const ocsfMeanings: ReadonlyMap<string, KeyMeaning> = new Map<string, KeyMeaning>([
  ['time', fieldMeaning('time')],
  ['time_dt', fieldMeaning('time', 1)],
  ['class_uid', dialectMeaning('class')],
  ['status_code', fieldMeaning('status', 2)],
  ['duration', fieldMeaning('latency_ms', 1)],
  ['action', dialectMeaning('decision')],
  ['resources', dialectMeaning('resources')],
  ['ja4_fingerprint_list', dialectMeaning('fingerprints')],
])

/** Attributes of its objects: schema.ocsf.io/1.5.0/objects. */
export const ocsfNested: ReadonlyMap<string, NestedMeaning> = new Map<string, NestedMeaning>([
  ['http_request.uid', fieldMeaning('id')],
  ['api.request.uid', fieldMeaning('id', 1)],
  ['metadata.uid', fieldMeaning('id', 2)],
  ['trace.uid', fieldMeaning('trace')],
  ['metadata.product.name', fieldMeaning('gateway')],
  ['api.service.name', fieldMeaning('service')],
  ['dst_endpoint.svc_name', fieldMeaning('service', 1)],
  ['api.version', fieldMeaning('version')],
  ['api.operation', dialectMeaning('operation')],
  ['http_request.http_method', fieldMeaning('method')],
  ['http_request.url.hostname', fieldMeaning('host')],
  ['dst_endpoint.hostname', fieldMeaning('host', 1)],
  ['http_request.url.path', dialectMeaning('target')],
  ['http_request.url.query_string', dialectMeaning('query')],
  ['http_request.url.url_string', fieldMeaning('path', 1)],
  ['http_response.code', fieldMeaning('status')],
  ['api.response.code', fieldMeaning('status', 1)],
  ['http_response.latency', fieldMeaning('latency_ms')],
  ['traffic.bytes_in', fieldMeaning('bytes_in')],
  ['http_request.length', fieldMeaning('bytes_in', 1)],
  ['traffic.bytes_out', fieldMeaning('bytes_out')],
  ['http_response.length', fieldMeaning('bytes_out', 1)],
  ['src_endpoint.ip', fieldMeaning('client.ip')],
  ['src_endpoint.location.country', fieldMeaning('client.country')],
  ['src_endpoint.autonomous_system.number', fieldMeaning('client.asn')],
  ['http_request.x_forwarded_for', dialectMeaning('forwarded')],
  ['http_request.user_agent', fieldMeaning('client.user_agent')],
  ['tls.ja3_hash.value', fieldMeaning('client.ja4', 1)],
  ['actor.app_uid', fieldMeaning('client.id')],
  ['actor.user.uid', fieldMeaning('principal.id')],
  ['actor.user.name', fieldMeaning('principal.id', 1)],
  ['actor.user.email_addr', fieldMeaning('principal.id', 2)],
  ['actor.user.org.uid', fieldMeaning('principal.tenant')],
  ['actor.user.credential_uid', fieldMeaning('key.id')],
  ['actor.session.credential_uid', fieldMeaning('key.id', 1)],
  ['actor.session.uid', fieldMeaning('session.id')],
  ['actor.session.issuer', fieldMeaning('token.iss')],
  ['policy.uid', fieldMeaning('policy.id')],
  ['firewall_rule.uid', fieldMeaning('policy.id', 1)],
])

/** Names that only an OCSF event has. */
export const ocsfOnly: ReadonlySet<string> = new Set([
  'class_uid',
  'category_uid',
  'type_uid',
  'activity_id',
  'severity_id',
  'metadata',
  'src_endpoint',
  'http_request',
])
