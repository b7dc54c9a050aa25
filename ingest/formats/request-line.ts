import type { LineFields } from './line-fields.ts'
import { ownText } from './own-text.ts'

/** `GET /path HTTP/1.1` (RFC 9112 section 3), the version optional as in HTTP/0.9. Method: RFC 9110 token, letters. */
const shape = /^([A-Za-z][A-Za-z_-]{0,31}) (\S.*?)(?: HTTP\/\d(?:\.\d{1,3})?)?$/

/**
 * Takes method and path out of a request line. A line that is none (a TLS hello or a worm on port 80) tells neither,
 * but its event stays: who sent it, and when, is still true.
 */
export function takeRequestLine(line: string, fields: LineFields, rank = 0): void {
  const parts = shape.exec(line)
  const [, method, target] = parts ?? []
  if (method === undefined || target === undefined) return
  const isTarget = target.startsWith('/') || target === '*' || target.includes('://')
  if (!isTarget && method.toUpperCase() !== 'CONNECT') return
  fields.take('method', ownText(method), rank)
  fields.take('path', ownText(target), rank)
}
