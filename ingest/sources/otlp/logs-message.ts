import { loadSync, type MethodDefinition, type ServiceDefinition } from '@grpc/proto-loader'
import { protoPath } from '../pushed/proto-path.ts'

// Names as in OTLP/JSON, so that both encodings give the same. Whatever a sender wrote may have any other type.

export interface LogsRequest {
  readonly resourceLogs?: readonly ResourceLogs[]
}
export interface Resource {
  readonly attributes?: readonly KeyValue[]
}
export interface ResourceLogs {
  readonly resource?: Resource
  readonly scopeLogs?: readonly { readonly logRecords?: readonly LogRecord[] }[]
}
export interface LogRecord {
  /** Nanoseconds, in decimal digits; 0 is unknown. */
  readonly timeUnixNano?: string | number
  readonly observedTimeUnixNano?: string | number
  readonly body?: AnyValue
  readonly attributes?: readonly KeyValue[]
  /** Bytes, or in JSON hexadecimal digits. */
  readonly traceId?: string | Uint8Array
}
export interface KeyValue {
  readonly key?: string
  readonly value?: AnyValue
}
/** At most one of these is there. */
export interface AnyValue {
  readonly stringValue?: string
  readonly boolValue?: boolean
  /** 64 bits, as decimal digits. */
  readonly intValue?: string | number
  readonly doubleValue?: number
  readonly arrayValue?: { readonly values?: readonly AnyValue[] }
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] }
}

export interface LogsResponse {
  readonly partialSuccess?: { readonly rejectedLogRecords: string; readonly errorMessage: string }
}
export interface Failure {
  readonly message: string
}

/** Messages as bytes of Protobuf. Decoding throws for what is none. */
export interface LogsCodec {
  decodeRecord(bytes: Buffer): LogRecord
  decodeResource(bytes: Buffer): Resource
  encodeResponse(response: LogsResponse): Buffer
  encodeFailure(failure: Failure): Buffer
}

/** Reads the definition from disk: call it at start. */
export function logsCodec(): LogsCodec {
  const definition = loadSync(protoPath('otlp', 'otlp_logs.proto'), { longs: String, defaults: false })
  const of = (service: string) =>
    definition[`opentelemetry.proto.collector.logs.v1.${service}`] as ServiceDefinition
  const method = of('LogsService').Export as MethodDefinition<object, object>
  const failures = of('Failures').Tell as MethodDefinition<object, object>
  const parts = of('Parts').Read as MethodDefinition<object, object>
  return {
    decodeRecord: (bytes) => parts.requestDeserialize(bytes) as LogRecord,
    decodeResource: (bytes) => parts.responseDeserialize(bytes) as Resource,
    encodeResponse: (response) => method.responseSerialize(response),
    encodeFailure: (failure) => failures.responseSerialize(failure),
  }
}
