import { fieldMeaning, type KeyMeaning } from '../json-dialect.ts'
import { keyLengthMax } from '../limits.ts'

/**
 * The plain name of a key: lower case, dashes as underscores. Operators also name keys by the operator itself, so
 * `%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%` is `x_envoy_original_path`, `START_TIME(%s)` is `start_time`, and
 * `DYNAMIC_METADATA(envoy.filters.http.jwt_authn:payload:sub)` is `jwt_sub`.
 */
export function plainName(key: string): string {
  // Longer than any operator: a key made to be unfolded without end.
  if (key.length > keyLengthMax) return ''
  const lower = key.toLowerCase().replace(/^%|%$/g, '')
  const operator = /^([a-z0-9_]+)\((.*)\)(?::\d+)?$/.exec(lower)
  const [, name = '', argument = ''] = operator ?? []
  if (operator && name === 'req') return plainName(argument.split('?', 1)[0] ?? '')
  if (operator && name === 'dynamic_metadata') return metadataName(argument)
  if (operator && /^(?:resp|trailer|filter_state|environment)$/.test(name)) return `${name}()`
  return (operator ? name : lower).replace(/^:/, '').replaceAll('-', '_')
}

function metadataName(argument: string): string {
  const [filter = '', ...path] = argument.split(':')
  if (filter === 'envoy.filters.http.ext_authz')
    return path.at(-1) === 'decision' ? 'picket_decision' : 'ext_authz'
  if (filter !== 'envoy.filters.http.jwt_authn') return 'dynamic_metadata()'
  const last = path.at(-1)
  return path.length > 1 && last ? `jwt_${last}` : 'jwt'
}

const claims: KeyMeaning = { kind: 'claims' }
const marker: KeyMeaning = { kind: 'dialect', value: 'marker' }
const details: KeyMeaning = { kind: 'dialect', value: 'details' }
const flags: KeyMeaning = { kind: 'dialect', value: 'flags' }

/** Plain names of Envoy's operators, of Envoy Gateway's and the meshes' defaults, and usual short forms. */
export const envoyMeanings: ReadonlyMap<string, KeyMeaning> = new Map<string, KeyMeaning>([
  ['start_time', fieldMeaning('time')],
  ['ts', fieldMeaning('time', 1)],
  ['timestamp', fieldMeaning('time', 1)],
  ['@timestamp', fieldMeaning('time', 1)],
  ['time', fieldMeaning('time', 1)],
  ['x_request_id', fieldMeaning('id')],
  ['request_id', fieldMeaning('id', 1)],
  ['stream_id', fieldMeaning('id', 2)],
  ['traceparent', fieldMeaning('trace')],
  ['trace_id', fieldMeaning('trace', 1)],
  ['x_b3_traceid', fieldMeaning('trace', 2)],
  ['request_method', fieldMeaning('method')],
  ['method', fieldMeaning('method', 1)],
  ['authority', fieldMeaning('host')],
  ['host', fieldMeaning('host', 1)],
  ['requested_server_name', fieldMeaning('host', 2)],
  ['x_envoy_original_path', fieldMeaning('path')],
  ['x_envoy_origin_path', fieldMeaning('path')],
  ['original_path', fieldMeaning('path')],
  ['path', fieldMeaning('path', 1)],
  ['request_path', fieldMeaning('path', 1)],
  ['uri', fieldMeaning('path', 2)],
  ['response_code', fieldMeaning('status')],
  ['status', fieldMeaning('status', 1)],
  ['status_code', fieldMeaning('status', 1)],
  ['duration', fieldMeaning('latency_ms')],
  ['duration_ms', fieldMeaning('latency_ms', 1)],
  ['dur_ms', fieldMeaning('latency_ms', 1)],
  ['bytes_received', fieldMeaning('bytes_in')],
  ['bytes_sent', fieldMeaning('bytes_out')],
  ['downstream_remote_address', fieldMeaning('client.ip')],
  ['downstream_remote_address_without_port', fieldMeaning('client.ip')],
  ['downstream_direct_remote_address', fieldMeaning('client.ip', 2)],
  ['downstream_direct_remote_address_without_port', fieldMeaning('client.ip', 2)],
  ['remote_address', fieldMeaning('client.ip', 1)],
  ['client_ip', fieldMeaning('client.ip', 1)],
  ['x_forwarded_for', fieldMeaning('x_forwarded_for')],
  ['user_agent', fieldMeaning('client.user_agent')],
  ['tls_ja4_fingerprint', fieldMeaning('client.ja4')],
  ['ja4', fieldMeaning('client.ja4')],
  ['tls_ja3_fingerprint', fieldMeaning('client.ja4', 1)],
  ['ja3', fieldMeaning('client.ja4', 1)],
  ['api_version', fieldMeaning('version')],
  ['api_key_id', fieldMeaning('key.id')],
  ['jwt', claims],
  ['jwt_payload', claims],
  ['jwt_claims', claims],
  ['jwt_authn', claims],
  ['claims', claims],
  ['authz', marker],
  ['ext_authz', marker],
  ['dynamic_metadata', marker],
  ['picket_decision', marker],
  ['response_code_details', details],
  ['rcd', details],
  ['response_flags', flags],
  ['flags', flags],
])

/** Plain names that only an Envoy log has. */
export const envoyOnly: ReadonlySet<string> = new Set([
  'response_code',
  'response_code_details',
  'response_flags',
  'rcd',
  'authority',
  'start_time',
  'downstream_remote_address',
  'downstream_remote_address_without_port',
  'downstream_local_address',
  'downstream_direct_remote_address',
  'upstream_host',
  'upstream_cluster',
  'upstream_local_address',
  'upstream_transport_failure_reason',
  'x_envoy_original_path',
  'x_envoy_origin_path',
  'x_envoy_upstream_service_time',
  'connection_termination_details',
  'requested_server_name',
  'route_name',
  'bytes_received',
])
