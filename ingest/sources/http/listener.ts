import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Stored } from './deliveries.ts'
import type { Answer, Endpoint } from './endpoint.ts'
import { HttpProblem } from './http-problem.ts'

/** Who sends its head more slowly than this is cut off, milliseconds. */
const headMsMax = 10_000
const connectionsMax = 1024
const closeMsMax = 1000

export interface ListenerOptions {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly endpoint: Endpoint
  /** Who sends a whole request more slowly than this is cut off, milliseconds. */
  readonly requestMsMax: number
  /** Throws `HttpProblem` when the sender may not send. */
  readonly check: (request: IncomingMessage) => void
  /** Calls `proceed` before it reads the body. */
  readonly receive: (request: IncomingMessage, proceed: () => void) => Promise<Stored>
  /** Told of errors that are ours; they never hold content. */
  readonly onError: (error: Error) => void
}

export interface Listener {
  readonly port: number
  /** No new connections; those that are there are answered. */
  stop(): void
  /** Ends the connections, once what is being answered was sent. */
  close(): Promise<void>
}

/** Listens for one endpoint over HTTP/1.1. Rejects with what to do when it can't. */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const { host, port, requestMsMax } = options
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { status, headers, answer } = await reply(options, request, () => {
      if (request.headers.expect !== undefined) response.writeContinue()
    })
    response.writeHead(status, {
      ...headers,
      'content-type': answer.contentType,
      'content-length': Buffer.byteLength(answer.body),
      // A connection that is kept alive would hold a process that stops.
      ...(server.listening ? {} : { connection: 'close' }),
    })
    response.end(answer.body)
    // Of what was refused in the middle the rest still comes, and behind it the next request of the connection.
    request.resume()
  }
  const server = createServer(
    {
      headersTimeout: Math.min(headMsMax, requestMsMax),
      requestTimeout: requestMsMax,
      connectionsCheckingInterval: Math.min(1000, requestMsMax),
    },
    (request, response) => void handle(request, response),
  )
  server.maxConnections = connectionsMax
  // Without this a sender would be told to go on before anybody looked at its token.
  server.on('checkContinue', (request, response) => void handle(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(host, port, error)))
    server.listen({ host, port }, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => void server.close(),
    close: () => close(server),
  }
}

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly answer: Answer
}

async function reply(
  { endpoint, check, receive, onError }: ListenerOptions,
  request: IncomingMessage,
  proceed: () => void,
): Promise<Reply> {
  try {
    check(request)
    requireTarget(request, endpoint.path)
    const stored = await receive(request, proceed)
    const headers: Record<string, string> = stored.isRepeated ? { 'idempotent-replayed': 'true' } : {}
    return { status: 200, headers, answer: endpoint.stored(stored, request.headers) }
  } catch (error) {
    const problem = error instanceof HttpProblem ? error : new HttpProblem(500, 'the collector failed')
    if (problem !== error) onError(error as Error)
    const { status, headers } = problem
    return { status, headers, answer: endpoint.refused(problem, request.headers) }
  }
}

function requireTarget({ method, url = '' }: IncomingMessage, path: string): void {
  if (url.split('?', 1)[0] !== path) throw new HttpProblem(404, `send to ${path}`)
  if (method !== 'POST') throw new HttpProblem(405, `send by POST to ${path}`, { allow: 'POST' })
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), closeMsMax)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}

function listenError(host: string, port: number, error: NodeJS.ErrnoException): Error {
  const at = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const why =
    error.code === 'EADDRINUSE'
      ? 'another process listens there; stop it, or set another port'
      : error.code === 'EADDRNOTAVAIL'
        ? 'this machine has no such address; set `listen.host` to one of its own'
        : error.code === 'EACCES'
          ? 'only root may; set a port above 1023'
          : error.message
  return new Error(`can't listen on ${at} for events: ${why}`, { cause: error })
}
