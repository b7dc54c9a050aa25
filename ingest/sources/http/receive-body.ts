import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Sender, WaitingBytes } from '../pushed/waiting-bytes.ts'
import { HttpProblem, tryAgain } from './http-problem.ts'

export interface ReceiveOptions {
  /** Most bytes of a body, as sent and inflated. */
  readonly bytesMax: number
  /** Counts the body as it comes; whoever got the body releases its bytes. */
  readonly waiting: WaitingBytes
  readonly sender: Sender
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
  { bytesMax, waiting, sender }: ReceiveOptions,
): Promise<Buffer> {
  const isPlain = encodingOf(request.headers) === 'identity'
  // In one piece: kept by itself, a chunk of one byte would cost a hundred.
  let body: Buffer = Buffer.alloc(0)
  let bytes = 0
  try {
    for await (const chunk of isPlain ? chunksOf(request, bytesMax) : inflated(request, bytesMax)) {
      if (bytes + chunk.length > bytesMax) throw tooLarge(bytesMax)
      if (!waiting.take(sender, chunk.length, bytes)) throw tryAgain.behind()
      body = withRoom(body, bytes, bytes + chunk.length)
      chunk.copy(body, bytes)
      bytes += chunk.length
    }
    return Buffer.concat([body.subarray(0, bytes)])
  } catch (error) {
    waiting.release(sender, bytes)
    throw error instanceof HttpProblem ? error : unreadable(error, isPlain)
  }
}

/** Inflates no further than somebody reads, so a small body that would become a huge one never does. */
function inflated(request: IncomingMessage, bytesMax: number): AsyncIterable<Buffer> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 })
  return pipeline(chunksOf(request, bytesMax), gunzip, () => {}) as Readable
}

/**
 * The body as sent, up to the bound: gzip of nothing can go on for ever. Leaves the socket as it is when reading ends
 * early, or nobody would get the answer.
 */
async function* chunksOf(request: IncomingMessage, bytesMax: number): AsyncGenerator<Buffer> {
  let bytes = 0
  // Whatever the pipeline throws in here ends this loop, and so only returns the iterator.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) throw tooLarge(bytesMax)
    yield chunk
  }
}

/** The first bytes of `buffer` in one that holds as many as needed; doubled, so that each is copied about once. */
function withRoom(buffer: Buffer, used: number, needed: number): Buffer {
  if (needed <= buffer.length) return buffer
  const larger = Buffer.allocUnsafe(Math.max(needed, 2 * buffer.length))
  buffer.copy(larger, 0, 0, used)
  return larger
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
