import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { HttpProblem } from './http-problem.ts'

/**
 * Lets those in who know the token. Without a token anybody on this machine may send, except web pages: a browser
 * would let any page post here, and always says whose it is. Throws `HttpProblem` 401 and 403.
 */
export function accessCheck(token: string | undefined): (request: IncomingMessage) => void {
  if (token === undefined) return refuseBrowsers
  const isKnown = knowsToken(token)
  return function requireToken({ headers }) {
    if (isKnown(headers.authorization ?? '')) return
    throw new HttpProblem(401, 'send the token of this source as `Authorization: Bearer <token>`', {
      'www-authenticate': 'Bearer',
    })
  }
}

/** Whether an `Authorization` holds the token (RFC 6750 section 2.1); any does without a token. */
export function knowsToken(token: string | undefined): (authorization: string) => boolean {
  if (token === undefined) return () => true
  const expected = digest(token)
  return function isKnown(authorization) {
    const [, given] = /^bearer +(\S+) *$/i.exec(authorization) ?? []
    // Digests have the same length whatever was sent, so the comparison tells nothing of it.
    return given !== undefined && timingSafeEqual(digest(given), expected)
  }
}

function refuseBrowsers({ headers }: IncomingMessage): void {
  if (headers.origin === undefined && headers['sec-fetch-site'] === undefined) return
  throw new HttpProblem(403, 'web pages may not send events: this source has no token')
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
