import type { HttpClient, HttpRequest } from '../../core/ports/http-client.ts'

/** Takes every request and sends none: the receiver of replay and demo, where there is no network. */
export function createSimulatedHttpClient(onRequest: (request: HttpRequest) => void = () => {}): HttpClient {
  return {
    async send(request) {
      onRequest(request)
      return { kind: 'response', status: 202, headers: {}, body: '{"status":"simulated"}' }
    },
  }
}
