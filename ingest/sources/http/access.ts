import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { HttpProblem } from './http-problem.ts'

/**
 * Lets those in who know one of the tokens. Without a token anybody on this machine may send, except web pages: a browser
 * would let any page post here, and always says whose it is. Throws `HttpProblem` 401 and 403.
 */
export function accessCheck(tokens: readonly string[]): (request: IncomingMessage) => void {
  if (tokens.length === 0) return refuseBrowsers
  const numberOf = tokenNumber(tokens)
  return function requireToken({ headers }) {
    if (numberOf(headers.authorization ?? '') >= 0) return
    throw new HttpProblem(401, 'send the token of this source as `Authorization: Bearer <token>`', {
      'www-authenticate': 'Bearer',
    })
  }
}

/** Whether an `Authorization` holds the token; any does without a token. */
export function knowsToken(token: string | undefined): (authorization: string) => boolean {
  if (token === undefined) return () => true
  const numberOf = tokenNumber([token])
  return (authorization) => numberOf(authorization) >= 0
}

/** Which of the tokens an `Authorization` holds (RFC 6750 section 2.1); −1 for none of them. */
export function tokenNumber(tokens: readonly string[]): (authorization: string) => number {
  const expected = tokens.map(digest)
  return function numberOf(authorization) {
    const [, given] = /^bearer +(\S+) *$/i.exec(authorization) ?? []
    if (given === undefined) return -1
    const found = digest(given)
    let number = -1
    // Digests have the same length whatever was sent, and all are compared: time tells nothing of them.
    for (const [nth, one] of expected.entries()) if (timingSafeEqual(found, one)) number = nth
    return number
  }
}

function refuseBrowsers({ headers }: IncomingMessage): void {
  if (headers.origin === undefined && headers['sec-fetch-site'] === undefined) return
  throw new HttpProblem(403, 'web pages may not send events: this source has no token')
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
