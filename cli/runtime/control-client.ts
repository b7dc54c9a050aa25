import { existsSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { controlPath, distrust, isOutside } from './control-path.ts'

export interface ControlRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With its query. */
  readonly path: string
  /** Sent as JSON. */
  readonly body?: unknown
  /** To the last byte of the answer; 15 s when absent. */
  readonly timeoutMs?: number
}

export interface ControlResponse {
  readonly status: number
  /** The JSON of the answer. */
  readonly body: unknown
}

const timeoutDefaultMs = 15_000
/** A baseline of thousands of entities is tens of megabytes. */
const answerBytesMax = 512 * 1024 * 1024

/**
 * Asks the `picket run` that has a data folder open; `undefined` when nobody listens there.
 *
 * @throws Error when it listens and doesn't answer, and whether it did what was asked is then unknown
 */
export async function controlRequest(
  dataDir: string,
  request: ControlRequest,
): Promise<ControlResponse | undefined> {
  const path = controlPath(dataDir)
  if (!existsSync(path)) return undefined
  const problem = isOutside(dataDir, path) ? distrust(dataDir, path) : undefined
  if (problem !== undefined) throw new Error(`the control socket at ${path} is not trusted: ${problem}`)
  try {
    return await exchange(path, request)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ECONNREFUSED' || code === 'ENOENT') return undefined
    const advice =
      code === 'EACCES'
        ? 'run this as the user of that picket run'
        : 'see picket decisions list, then try again'
    throw new Error(`the running picket run did not answer at ${path}: ${message}; ${advice}`, {
      cause: error,
    })
  }
}

function exchange(socketPath: string, request: ControlRequest): Promise<ControlResponse> {
  const { method, path, body, timeoutMs = timeoutDefaultMs } = request
  const text = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        socketPath,
        method,
        path,
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          host: 'picket',
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
      },
      (response) => readAnswer(response).then(resolve, reject),
    )
    sent.on('error', reject)
    sent.end(text)
  })
}

async function readAnswer(response: IncomingMessage): Promise<ControlResponse> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > answerBytesMax) throw new Error('its answer is too long')
    chunks.push(chunk)
  }
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  return { status: response.statusCode ?? 0, body }
}

/** What a person is told about an answer that is no success. */
export function problemOf({ status, body }: ControlResponse): {
  readonly detail: string
  readonly rule?: string
} {
  const { detail, rule } = (body ?? {}) as { readonly detail?: unknown; readonly rule?: unknown }
  return {
    detail: typeof detail === 'string' ? detail : `picket run answered with status ${status}`,
    ...(typeof rule === 'string' ? { rule } : {}),
  }
}
