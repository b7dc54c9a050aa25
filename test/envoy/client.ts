import { type Agent, request } from 'node:http'

export interface ClientRequest {
  /** The client's address, as a trusted proxy in front of Envoy tells it. */
  readonly ip?: string
  readonly method?: string
  readonly path?: string
  readonly token?: string
  readonly userAgent?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface ClientResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** One request to Envoy on loopback. Not `fetch`: it would refuse some headers that an attacker may send. */
export function sendRequest(port: number, agent: Agent, message: ClientRequest): Promise<ClientResponse> {
  const { ip, method = 'GET', path = '/', token, userAgent = 'test-client/1', headers } = message
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      agent,
      method,
      path,
      headers: {
        'user-agent': userAgent,
        ...(ip !== undefined && { 'x-forwarded-for': ip }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
    }
    const outgoing = request(options, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      response.on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}
