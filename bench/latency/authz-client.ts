import { Client, credentials, type ServiceError } from '@grpc/grpc-js'
import {
  authorizationService,
  type CheckRequest,
  type CheckResponse,
} from '../../enforcement/envoy/authorization-service.ts'

/** Who asks, as Envoy authenticated them. */
export interface Claims {
  readonly sub?: string
  readonly jti?: string
}

/** One connection to ext_authz, which asks as Envoy does. */
export class AuthzClient {
  readonly #client: Client
  readonly #method: NonNullable<ReturnType<typeof authorizationService>[string]>

  constructor(port: number) {
    const { Check: method } = authorizationService()
    if (!method) throw new Error('the service has no method Check')
    this.#method = method
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  }

  /** Whether a request with these claims is refused. */
  async isRefused(claims: Claims): Promise<boolean> {
    return (await this.#check(requestWith(claims))).denied_response !== undefined
  }

  close(): void {
    this.#client.close()
  }

  #check(request: CheckRequest): Promise<CheckResponse> {
    const { path, requestSerialize, responseDeserialize } = this.#method
    return new Promise((resolve, reject) => {
      const answered = (error: ServiceError | null, response?: CheckResponse) =>
        response ? resolve(response) : reject(error)
      this.#client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, answered)
    })
  }
}

function requestWith(claims: Claims): CheckRequest {
  const fields = Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [name, { stringValue: value as string }]),
  )
  const payload = { structValue: { fields } }
  return {
    attributes: {
      source: { address: { socket_address: { address: '192.0.2.1' } } },
      request: { http: { method: 'GET', path: '/', headers: {} } },
      metadata_context: {
        filter_metadata: { 'envoy.filters.http.jwt_authn': { fields: { jwt_payload: payload } } },
      },
    },
  }
}
