/** A well mixed 32-bit number of two: what is fixed for a person, an object or a key, without remembering it. */
export function mix(index: number, salt: number): number {
  let mixed = Math.imul(index ^ Math.imul(salt, 0x9e3779b1), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x27d4eb2f)
  return (mixed ^ (mixed >>> 15)) >>> 0
}

/** Eight hexadecimal digits of `mix`. */
export function mixedHex(index: number, salt: number): string {
  return mix(index, salt).toString(16).padStart(8, '0')
}

/** An id of 64 bits, such as issuers give tokens and senders deliveries. */
export function mixedId(index: number, salt: number): string {
  return mixedHex(index, salt) + mixedHex(index, salt + 1)
}
