import { Client, credentials, type ServiceError } from '@grpc/grpc-js'
import {
  authorizationService,
  type CheckRequest,
  type CheckResponse,
} from '../../enforcement/envoy/authorization-service.ts'

export interface AuthzQuestion {
  /** Peer of Envoy's connection. */
  readonly address?: string
  readonly path?: string
  /** Subject of a token that Envoy verified. */
  readonly principal?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** One connection that asks as Envoy does. */
export interface AuthzClient {
  /** The HTTP status that the client of the gateway would get: 200, or that of the refusal. Rejects without answer. */
  ask(question: AuthzQuestion): Promise<number>
  close(): void
}

export function connectAuthz(port: number): AuthzClient {
  const { Check: method } = authorizationService()
  if (!method) throw new Error('the service has no method Check')
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  function check(request: CheckRequest): Promise<CheckResponse> {
    return new Promise((resolve, reject) => {
      const answered = (error: ServiceError | null, response?: CheckResponse) =>
        response ? resolve(response) : reject(error)
      const { path, requestSerialize, responseDeserialize } = method as NonNullable<typeof method>
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, answered)
    })
  }
  return {
    ask: async (question) => (await check(requestOf(question))).denied_response?.status.code ?? 200,
    close: () => client.close(),
  }
}

/** Asks over a connection of its own, for a server that may have been started again. */
export async function askAuthz(port: number, question: AuthzQuestion): Promise<number> {
  const client = connectAuthz(port)
  try {
    return await client.ask(question)
  } finally {
    client.close()
  }
}

function requestOf({
  address = '192.0.2.1',
  path = '/',
  principal,
  headers = {},
}: AuthzQuestion): CheckRequest {
  const claims = { structValue: { fields: { sub: { stringValue: principal ?? '' } } } }
  const filter_metadata = { 'envoy.filters.http.jwt_authn': { fields: { jwt_payload: claims } } }
  return {
    attributes: {
      source: { address: { socket_address: { address } } },
      request: { http: { method: 'GET', path, headers } },
      ...(principal === undefined ? {} : { metadata_context: { filter_metadata } }),
    },
  }
}
