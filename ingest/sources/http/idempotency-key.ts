import type { IncomingHttpHeaders } from 'node:http'
import { HttpProblem } from './http-problem.ts'

const lengthMax = 255

/**
 * The `Idempotency-Key` of a request, a structured-field string or as it stands (draft-ietf-httpapi-idempotency-key-header).
 * Throws `HttpProblem` 400.
 */
export function idempotencyKey(headers: IncomingHttpHeaders): string | undefined {
  const header = headers['idempotency-key']
  if (header === undefined) return undefined
  const text = String(header).trim()
  const key = /^"(.*)"$/.exec(text)?.[1] ?? text
  if (/^[\x21-\x7e]+$/.test(key) && key.length <= lengthMax) return key
  throw new HttpProblem(
    400,
    `Idempotency-Key must be 1 to ${lengthMax} characters without spaces, such as a UUID`,
  )
}
