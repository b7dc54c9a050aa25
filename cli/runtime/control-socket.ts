import { once } from 'node:events'
import { chmodSync, lstatSync, mkdirSync, rmdirSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { controlPath, distrust, isOutside } from './control-path.ts'
import { type ControlParts, Problem, respond } from './control-routes.ts'

export interface ControlSocketOptions extends ControlParts {
  readonly dataDir: string
}

/** The door through which commands change a running `picket run`. */
export interface ControlSocket {
  readonly path: string
  /** Lets requests under way end, for a moment, and takes the socket away. */
  close(): Promise<void>
}

const bodyBytesMax = 64 * 1024
const closePatienceMs = 1000

/**
 * HTTP/1.1 over a unix socket that only its owner may open. A socket file that a dead process left is replaced.
 *
 * @throws Error when another process answers there, or when the place can't be used
 */
export async function startControlSocket(options: ControlSocketOptions): Promise<ControlSocket> {
  const { dataDir } = options
  const path = controlPath(dataDir)
  const ownFolder = isOutside(dataDir, path)
  if (ownFolder) makeFolder(dataDir, path)
  await removeStale(path)
  const server = createServer({ headersTimeout: 5000, requestTimeout: 10_000 }, (request, response) => {
    answer(options, request, response).catch((error: unknown) => sendProblem(response, error))
  })
  server.maxConnections = 32
  await listen(server, path)
  chmodSync(path, 0o600)
  return {
    path,
    async close() {
      await closeServer(server)
      rmSync(path, { force: true })
      if (ownFolder) rmdirSync(dirname(path))
    },
  }
}

function makeFolder(dataDir: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const problem = distrust(dataDir, path)
  if (problem !== undefined) throw new Error(`the control socket cannot be put at ${path}: ${problem}`)
}

/** The data folder's lock says that no other process should be here; this asks, rather than believe it. */
async function removeStale(path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (!stats) return
  if (!stats.isSocket()) throw new Error(`${path} is not a socket of Picket's: move it away`)
  const socket = connect(path)
  try {
    await once(socket, 'connect')
  } catch {
    rmSync(path, { force: true })
    return
  } finally {
    socket.destroy()
  }
  throw new Error(`another process answers at ${path}: stop that picket run first`)
}

/** The file is made with its permissions, not given them a moment later: nobody else gets in between. */
async function listen(server: Server, path: string): Promise<void> {
  const usual = process.umask(0o177)
  try {
    server.listen(path)
  } finally {
    process.umask(usual)
  }
  await once(server, 'listening')
}

async function closeServer(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), closePatienceMs)
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
  clearTimeout(timer)
}

async function answer(
  parts: ControlParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request)
  const { status, content } = await respond(parts, request.method ?? '', request.url ?? '/', body)
  send(response, status, 'application/json', content)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // What is too long is read and not kept: a peer that is still sending would miss the answer.
    if (bytes <= bodyBytesMax) chunks.push(chunk)
  }
  if (bytes > bodyBytesMax) throw new Problem(413, `the body is longer than ${bodyBytesMax} bytes`)
  return Buffer.concat(chunks).toString('utf8')
}

/** Problem details, RFC 9457. */
function sendProblem(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const status = error instanceof Problem ? error.status : 500
  const rule = error instanceof Problem ? error.rule : undefined
  const detail = error instanceof Error ? error.message : String(error)
  const problem = { type: 'about:blank', status, detail, ...(rule === undefined ? {} : { rule }) }
  send(response, status, 'application/problem+json', JSON.stringify(problem))
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
