import type { HttpLogEntry, ProtoStruct, ProtoTime, ProtoValue } from './access-log-service.ts'

/** envoy.config.core.v3.RequestMethod; another method is not told. */
const methods = ['', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'] as const

/** They would be credentials, whoever asked Envoy to log them. */
const withheld = new Set(['authorization', 'proxy-authorization', 'cookie'])

/** google.protobuf.Value nests this deep at most, or it is cut. */
const depthMax = 16

/**
 * An entry as a line of Envoy's JSON access log, as examples/envoy/envoy.yaml writes them, so that both mean the same.
 * Beyond it, `metadata`, `tags` and `request_headers` hold what `ingest.envoy.fields` may name.
 */
export function entryLine({ common_properties: common, request, response }: HttpLogEntry): string {
  const headers = request?.request_headers ?? {}
  const metadata = plainMetadata(common?.metadata?.filter_metadata)
  const line = {
    start_time: startTime(common?.start_time),
    request_id: request?.request_id,
    traceparent: headers.traceparent,
    method: methods[request?.request_method ?? 0] || undefined,
    authority: request?.authority,
    path: request?.path,
    x_envoy_original_path: request?.original_path,
    response_code: response?.response_code?.value,
    response_code_details: response?.response_code_details,
    response_flags: common?.response_flags?.unauthorized_details?.reason === 1 ? 'UAEX' : undefined,
    duration: milliseconds(common?.duration ?? common?.time_to_last_downstream_tx_byte),
    bytes_received: request && (request.request_body_bytes ?? 0),
    bytes_sent: response && (response.response_body_bytes ?? 0),
    downstream_remote_address: common?.downstream_remote_address?.socket_address?.address,
    downstream_direct_remote_address: common?.downstream_direct_remote_address?.socket_address?.address,
    x_forwarded_for: request?.forwarded_for,
    user_agent: request?.user_agent,
    ja3: common?.tls_properties?.ja3_fingerprint,
    jwt: metadata?.['envoy.filters.http.jwt_authn'],
    ext_authz: metadata?.['envoy.filters.http.ext_authz'],
    metadata,
    tags: common?.custom_tags,
    request_headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !withheld.has(name))),
  }
  // What Envoy leaves empty it does not know.
  return JSON.stringify(line, (_key, value: unknown) => (value === '' ? undefined : value))
}

function startTime(time: ProtoTime | undefined): string | undefined {
  const instant = milliseconds(time)
  const date = instant === undefined ? undefined : new Date(instant)
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

function milliseconds(time: ProtoTime | undefined): number | undefined {
  return time && (time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6
}

function plainMetadata(
  metadata: Readonly<Record<string, ProtoStruct>> | undefined,
): Readonly<Record<string, unknown>> | undefined {
  return (
    metadata && Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, plain(value, 0)]))
  )
}

function plain(struct: ProtoStruct, depth: number): Readonly<Record<string, unknown>> {
  const fields = Object.entries(struct.fields ?? {})
  return Object.fromEntries(fields.map(([key, value]) => [key, plainValue(value, depth + 1)]))
}

function plainValue(value: ProtoValue, depth: number): unknown {
  if (depth > depthMax) return null
  const { structValue, listValue } = value
  if (structValue) return plain(structValue, depth)
  if (listValue) return (listValue.values ?? []).map((one) => plainValue(one, depth + 1))
  return value.stringValue ?? value.numberValue ?? value.boolValue ?? null
}
