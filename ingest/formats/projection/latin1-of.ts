/** A string of its own from ASCII bytes; it holds no part of the buffer. */
export function latin1Of(bytes: Uint8Array, start: number, end: number): string {
  const buffer =
    bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.toString('latin1', start, end)
}
