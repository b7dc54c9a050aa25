import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface UpstreamRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

export interface Upstream {
  readonly port: number
  /** All that came through, oldest first. */
  readonly requests: readonly UpstreamRequest[]
  stop(): Promise<void>
}

/**
 * A service that answers 200, or the status in the path: `/status/404`, `/any?status=404`. It forges Picket's mark on every answer, as
 * an upstream with an open proxy might; nobody may see that.
 */
export async function startUpstream(): Promise<Upstream> {
  const requests: UpstreamRequest[] = []
  const server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request
    requests.push({ method, path, headers })
    const status = Number(/(?:^\/status\/|[?&]status=)([1-5]\d\d)$/.exec(path)?.[1] ?? 200)
    request.resume()
    response
      .writeHead(status, { 'x-picket-decision': 'forged', 'x-upstream': 'yes' })
      .end(`upstream ${status}`)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
