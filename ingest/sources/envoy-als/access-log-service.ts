import { loadSync, type MethodDefinition, type ServiceDefinition } from '@grpc/proto-loader'
import { holdsMoreThan } from '../pushed/message-fields.ts'
import { protoPath } from '../pushed/proto-path.ts'
import { messageShape } from './message-shape.ts'

/** google.protobuf.Value as protobufjs decodes it; at most one of these is there. */
export interface ProtoValue {
  readonly stringValue?: string
  readonly numberValue?: number
  readonly boolValue?: boolean
  readonly structValue?: ProtoStruct
  readonly listValue?: { readonly values?: readonly ProtoValue[] }
}
export interface ProtoStruct {
  readonly fields?: Readonly<Record<string, ProtoValue>>
}
/** Of a timestamp since 1970, or of a duration. */
export interface ProtoTime {
  readonly seconds?: number
  readonly nanos?: number
}
interface Address {
  readonly socket_address?: { readonly address?: string }
}

/** What Envoy tells of one request. Any part may be missing. */
export interface HttpLogEntry {
  readonly common_properties?: {
    readonly downstream_remote_address?: Address
    readonly downstream_direct_remote_address?: Address
    readonly tls_properties?: { readonly ja3_fingerprint?: string }
    readonly start_time?: ProtoTime
    readonly time_to_last_downstream_tx_byte?: ProtoTime
    readonly duration?: ProtoTime
    /** Reason 1: the external authorization refused, or failed. */
    readonly response_flags?: { readonly unauthorized_details?: { readonly reason?: number } }
    readonly metadata?: { readonly filter_metadata?: Readonly<Record<string, ProtoStruct>> }
    readonly custom_tags?: Readonly<Record<string, string>>
    /** More of the same request will follow. */
    readonly intermediate_log_entry?: boolean
  }
  readonly request?: {
    /** envoy.config.core.v3.RequestMethod. */
    readonly request_method?: number
    readonly authority?: string
    readonly path?: string
    readonly user_agent?: string
    readonly forwarded_for?: string
    readonly request_id?: string
    readonly original_path?: string
    readonly request_body_bytes?: number
    /** Those that `additional_request_headers_to_log` names, in lower case. */
    readonly request_headers?: Readonly<Record<string, string>>
  }
  readonly response?: {
    readonly response_code?: { readonly value?: number }
    readonly response_body_bytes?: number
    readonly response_code_details?: string
  }
}

export interface LogsMessage {
  /** It held too many parts to be decoded, and nothing else is told of it. */
  readonly isTooMuch?: true
  readonly http_logs?: { readonly log_entry?: readonly HttpLogEntry[] }
  readonly tcp_logs?: object
}

/** Most messages in one of the stream, nested ones counted: several times what 4 MB of entries have. */
const partsMax = 250_000

/**
 * The gRPC service `envoy.service.accesslog.v3.AccessLogService`. A message of countless tiny parts is not decoded: as
 * objects they would hold up everything for seconds. Reads its definition from disk: call it at start.
 */
export function accessLogService(): ServiceDefinition {
  const path = protoPath('envoy-als', 'access_log.proto')
  const definition = loadSync(path, { keepCase: true, longs: Number, defaults: false })
  const service = definition['envoy.service.accesslog.v3.AccessLogService'] as ServiceDefinition
  const method = service.StreamAccessLogs as MethodDefinition<object, object>
  return {
    ...service,
    StreamAccessLogs: {
      ...method,
      requestDeserialize(bytes: Buffer): LogsMessage {
        const isTooMuch = holdsMoreThan(partsMax, bytes, { start: 0, end: bytes.length }, messageShape)
        return isTooMuch ? { isTooMuch } : method.requestDeserialize(bytes)
      },
    },
  }
}
