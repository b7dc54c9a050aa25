import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { WaitingBytes } from '../pushed/waiting-bytes.ts'
import { HttpProblem, tryAgain } from './http-problem.ts'

export interface ReceiveOptions {
  /** Most bytes of a body, as sent and inflated. */
  readonly bytesMax: number
  /** Counts the body as it comes; whoever got the body releases its bytes. */
  readonly waiting: WaitingBytes
}

/** Refuses by its headers what would be refused anyway, before any of it is sent. Throws `HttpProblem`. */
export function checkBody({ headers }: IncomingMessage, bytesMax: number): void {
  if (!/^(identity|(x-)?gzip)$/.test(encodingOf(headers))) {
    throw new HttpProblem(415, 'unknown Content-Encoding: send gzip, or nothing', {
      'accept-encoding': 'gzip, identity',
    })
  }
  if (Number(headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax)
}

/** The whole body, inflated. Throws `HttpProblem`, and then nothing is counted any more. */
export async function receiveBody(
  request: IncomingMessage,
  { bytesMax, waiting }: ReceiveOptions,
): Promise<Buffer> {
  const isPlain = encodingOf(request.headers) === 'identity'
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of isPlain ? chunksOf(request) : inflated(request)) {
      if (bytes + chunk.length > bytesMax) throw tooLarge(bytesMax)
      if (!waiting.take(chunk.length)) throw tryAgain.behind()
      bytes += chunk.length
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch (error) {
    waiting.release(bytes)
    throw error instanceof HttpProblem ? error : unreadable(error, isPlain)
  }
}

/** Inflates no further than somebody reads, so a small body that would become a huge one never does. */
function inflated(request: IncomingMessage): AsyncIterable<Buffer> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 })
  return pipeline(chunksOf(request), gunzip, () => {}) as Readable
}

/** Leaves the socket as it is when reading ends early, or nobody would get the answer. */
async function* chunksOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  // Whatever the pipeline throws in here ends this loop, and so only returns the iterator.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) yield chunk
}

function encodingOf(headers: IncomingHttpHeaders): string {
  return (headers['content-encoding'] ?? 'identity').trim().toLowerCase()
}

function tooLarge(bytesMax: number): HttpProblem {
  return new HttpProblem(413, `the body is larger than ${bytesMax} bytes: send it in parts`)
}

function unreadable(error: unknown, isPlain: boolean): HttpProblem {
  const why = error instanceof Error ? error.message : String(error)
  return new HttpProblem(400, `the body ${isPlain ? 'broke off' : 'is damaged or cut off gzip'}: ${why}`)
}
