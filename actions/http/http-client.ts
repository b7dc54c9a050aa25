import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import type { HttpClient, HttpRequest, HttpResult } from '../../core/ports/http-client.ts'
import { type AllowedHost, checkedLookup, RefusedAddressError, refusedUrl } from './allowed-host.ts'

const bodyBytesMax = 65_536
/** Failures from before a byte was sent. Any other one may have come after the receiver acted. */
const notSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
])

/**
 * HTTP to listed hosts only, one connection a request, no redirect. It uses `node:http` and not `fetch`, because only
 * here the address that was checked is the address that is connected to: a name may answer differently when asked twice.
 */
export function createHttpClient(allowed: readonly AllowedHost[]): HttpClient {
  return {
    send(request, signal) {
      const refusal = refusedUrl(request.url, allowed)
      if (refusal !== undefined) return Promise.resolve({ kind: 'refused', why: refusal })
      return exchange(request, signal, allowed)
    },
  }
}

function exchange(
  { method, url, headers, body, timeoutMs }: HttpRequest,
  signal: AbortSignal,
  allowed: readonly AllowedHost[],
): Promise<HttpResult> {
  const target = new URL(url)
  const send = target.protocol === 'https:' ? requestSecure : requestPlain
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  return new Promise((resolve) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const options = { method, headers: { ...headers, ...length }, signal: bounded, agent: false as const }
    const outgoing = send(target, { ...options, lookup: checkedLookup(target, allowed) }, (incoming) => {
      const chunks: Buffer[] = []
      let bytes = 0
      const finish = () => {
        const text = Buffer.concat(chunks).subarray(0, bodyBytesMax).toString('utf8')
        const status = incoming.statusCode ?? 0
        resolve({ kind: 'response', status, headers: flatHeaders(incoming.headers), body: text })
      }
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        chunks.push(chunk)
        if (bytes < bodyBytesMax) return
        finish()
        incoming.destroy()
      })
      incoming.on('end', finish)
      incoming.on('error', (error) => resolve(failure(error, bounded, timeoutMs)))
    })
    outgoing.on('error', (error) => resolve(failure(error, bounded, timeoutMs)))
    outgoing.end(body)
  })
}

function failure(error: Error, signal: AbortSignal, timeoutMs: number): HttpResult {
  if (error instanceof RefusedAddressError) return { kind: 'refused', why: error.message }
  const code = 'code' in error ? String(error.code) : ''
  if (notSent.has(code)) return { kind: 'unreachable', why: code }
  if (signal.aborted) return { kind: 'unknown', why: `no complete answer within ${timeoutMs} ms` }
  return { kind: 'unknown', why: `the connection failed (${code || error.message})` }
}

function flatHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}
