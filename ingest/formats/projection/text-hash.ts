const basis = 0x811c9dc5 | 0
const prime = 0x01000193

/** FNV-1a over bytes, 32 bits signed. Scanners compute the same while they look for the end of a text. */
export function textHash(bytes: Uint8Array, start: number, end: number): number {
  let hash = basis
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), prime)
  return hash
}

/** What a text is on its way through a scanner: where it ends, and the hash of its bytes. */
export interface ScannedText {
  /** Position of the closing quote; −1 when it is not plain: an escape, a control character, or beyond ASCII. */
  end: number
  hash: number
}

/** Scans the plain text that starts at `from`, behind its quote, into `into`. */
export function scanText(bytes: Uint8Array, from: number, into: ScannedText): void {
  let hash = basis
  let at = from
  for (;;) {
    const code = bytes[at]
    if (code === 0x22) break
    // Also at the end of the bytes.
    if (code === undefined || code < 0x20 || code === 0x5c || code >= 0x80) {
      into.end = -1
      return
    }
    hash = Math.imul(hash ^ code, prime)
    at++
  }
  into.end = at
  into.hash = hash
}
