import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

/** google.protobuf.Value as protobufjs decodes it; exactly one of these is there. */
export interface ProtoValue {
  readonly stringValue?: string
  readonly numberValue?: number
  readonly boolValue?: boolean
  readonly structValue?: ProtoStruct
}
export interface ProtoStruct {
  readonly fields?: Readonly<Record<string, ProtoValue>>
}

/** What Envoy asks. Any part may be missing; header names are lower case, repeated headers joined by commas. */
export interface CheckRequest {
  readonly attributes?: {
    readonly source?: { readonly address?: { readonly socket_address?: { readonly address?: string } } }
    readonly request?: { readonly http?: HttpRequest }
    readonly metadata_context?: { readonly filter_metadata?: Readonly<Record<string, ProtoStruct>> }
  }
}
export interface HttpRequest {
  readonly method?: string
  /** With the query. */
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface HeaderOption {
  readonly header: { readonly key: string; readonly value: string }
  readonly append_action: number
}
/** What we answer; `status.code` is a google.rpc.Code, 0 allows. */
export interface CheckResponse {
  readonly status: { readonly code: number }
  readonly denied_response?: {
    readonly status: { readonly code: number }
    readonly headers: readonly HeaderOption[]
    readonly body: string
  }
  readonly ok_response?: { readonly headers_to_remove: readonly string[] }
  readonly dynamic_metadata?: ProtoStruct
}

/** The gRPC service `envoy.service.auth.v3.Authorization`. Reads its definition from disk: call it at start. */
export function authorizationService(): ServiceDefinition {
  const definition = loadSync(protoPath(), { keepCase: true, longs: Number, enums: Number, defaults: false })
  return definition['envoy.service.auth.v3.Authorization'] as ServiceDefinition
}

/** The compiler copies no .proto files, so from `dist/` the one in the package's source folder is read. */
function protoPath(): string {
  const beside = join(import.meta.dirname, 'ext_authz.proto')
  if (existsSync(beside)) return beside
  return join(import.meta.dirname, '..', '..', '..', 'enforcement', 'envoy', 'ext_authz.proto')
}
