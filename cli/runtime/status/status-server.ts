import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expositionType } from './exposition.ts'
import type { Verdict } from './run-health.ts'

export interface StatusAnswers {
  health(): Verdict
  readiness(): Verdict
  /** Text of /metrics. */
  metrics(): string
}

export interface StatusServer {
  readonly port: number
  close(): Promise<void>
}

/**
 * Answers GET /healthz, /readyz and /metrics: 200 when all is well, 503 with what is not.
 *
 * @throws Error when the address can't be listened on
 */
export async function startStatusServer(
  { host, port }: { readonly host: string; readonly port: number },
  answers: StatusAnswers,
): Promise<StatusServer> {
  const server = createServer({ headersTimeout: 5000, requestTimeout: 5000 }, (request, response) => {
    request.resume()
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return send(response, 405, 'text/plain', 'only GET and HEAD\n')
    }
    answer(response, request.url?.split('?', 1)[0] ?? '', answers)
  })
  server.maxConnections = 64
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new Error(
      `status.listen: cannot listen on ${host}:${port} (${why}): stop what listens there, or name another port`,
    )
  }
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function answer(response: ServerResponse, path: string, answers: StatusAnswers): void {
  try {
    if (path === '/healthz') verdict(response, answers.health())
    else if (path === '/readyz') verdict(response, answers.readiness())
    else if (path === '/metrics') send(response, 200, expositionType, answers.metrics())
    else send(response, 404, 'text/plain', 'there are /healthz, /readyz and /metrics\n')
  } catch (error) {
    // Whoever watches must not end what is watched.
    send(response, 500, 'text/plain', `${error instanceof Error ? error.message : String(error)}\n`)
  }
}

function verdict(response: ServerResponse, problems: Verdict): void {
  const body = problems.length === 0 ? 'ok\n' : `${problems.join('\n')}\n`
  send(response, problems.length === 0 ? 200 : 503, 'text/plain', body)
}

function send(response: ServerResponse, code: number, type: string, body: string): void {
  response.writeHead(code, { 'content-type': type, 'cache-control': 'no-store' })
  response.end(body)
}
