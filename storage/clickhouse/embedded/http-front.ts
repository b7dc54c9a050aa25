import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { ChdbEngine, Outcome } from './chdb-engine.ts'
import { readStatement } from './statement.ts'

/** Larger requests are refused: batches are cut far below, and the memory of this process is shared with the engine. */
const bodyBytesMax = 256 * 1024 * 1024

/** Codes of ClickHouse that its HTTP interface answers with something else than 500. */
const statusOfCode: Readonly<Record<string, number>> = {
  47: 404,
  60: 404,
  62: 400,
  81: 404,
  159: 408,
  241: 500,
  516: 403,
}

class RequestRefused extends Error {
  readonly code: number
  readonly status: number

  constructor(code: number, status: number, message: string, type: string) {
    super(`Code: ${code}. DB::Exception: ${message} (${type})`)
    this.code = code
    this.status = status
  }
}

/** ClickHouse's HTTP interface in front of chDB, as far as `@clickhouse/client` uses it; one token for everything. */
export function createHttpFront(engine: ChdbEngine, token: string): Server {
  const expected = digest(token)
  // Timeouts of the server would cut a long insert; the only peer is our own client on this machine.
  return createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 }, (request, response) => {
    answer(engine, expected, request, response).catch((error: unknown) => sendError(response, error))
  })
}

async function answer(
  engine: ChdbEngine,
  expected: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname === '/ping') {
    response.end('Ok.\n')
    return
  }
  if (!timingSafeEqual(digest(credential(request) ?? ''), expected)) {
    throw new RequestRefused(516, 403, 'Authentication failed: wrong or no token.', 'AUTHENTICATION_FAILED')
  }
  if (url.pathname !== '/' || !/^(GET|POST)$/.test(request.method ?? '')) {
    throw new RequestRefused(48, 404, `There is no ${request.method} ${url.pathname}.`, 'NOT_IMPLEMENTED')
  }
  const database = url.searchParams.get('database') ?? 'default'
  if (database !== 'default') {
    const advice = 'write it before the table, as in picket.events'
    throw new RequestRefused(48, 400, `No default database can be chosen here: ${advice}.`, 'NOT_IMPLEMENTED')
  }
  const outcome = await engine.run(readStatement(url.searchParams, await readBody(request)))
  response.setHeader('X-ClickHouse-Summary', summary(outcome))
  response.setHeader('X-ClickHouse-Query-Id', printable(url.searchParams.get('query_id') ?? ''))
  response.end(outcome.body)
}

/** The password of `X-ClickHouse-Key`, of basic authentication, or a bearer token. */
function credential({ headers }: IncomingMessage): string | undefined {
  const key = headers['x-clickhouse-key']
  if (typeof key === 'string') return key
  const [scheme = '', value = ''] = headers.authorization?.split(' ') ?? []
  if (/^bearer$/i.test(scheme)) return value
  if (!/^basic$/i.test(scheme)) return undefined
  const pair = Buffer.from(value, 'base64').toString('utf8')
  return pair.slice(pair.indexOf(':') + 1)
}

/** Of equal length whatever was sent, so that comparing takes the same time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) {
      const message = `The request has more than ${bodyBytesMax} bytes: send smaller batches.`
      throw new RequestRefused(307, 413, message, 'TOO_MANY_BYTES')
    }
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return body
  if (encoding !== 'gzip') {
    throw new RequestRefused(48, 400, 'Only gzip is understood as a content encoding.', 'NOT_IMPLEMENTED')
  }
  return promisify(gunzip)(body, { maxOutputLength: bodyBytesMax })
}

function summary(outcome: Outcome): string {
  return JSON.stringify({
    read_rows: String(outcome.readRows),
    read_bytes: String(outcome.readBytes),
    written_rows: String(outcome.writtenRows),
    written_bytes: String(outcome.writtenBytes),
  })
}

/** As ClickHouse answers: the code in a header, `Code: N. DB::Exception: …` as text. */
function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const text = error instanceof Error ? error.message : String(error)
  const code = /^Code: (\d+)\./.exec(text)?.[1] ?? '1002'
  const message = text.startsWith('Code: ') ? text : `Code: 1002. DB::Exception: ${text} (UNKNOWN_EXCEPTION)`
  response.statusCode = error instanceof RequestRefused ? error.status : (statusOfCode[code] ?? 500)
  response.setHeader('X-ClickHouse-Exception-Code', code)
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8')
  response.end(`${message}\n`)
}

/** Header values may hold no control characters. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)
}
