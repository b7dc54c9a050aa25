const dot = 0x2e
const zero = 0x30

/**
 * An IPv4 address as a number below 2^32; `undefined` for anything but four decimal parts without leading zeros, for
 * octal, hexadecimal and short forms are read differently by different programs (RFC 6943 section 3.1.1).
 */
export function ipv4Number(text: string): number | undefined {
  if (text.length > 15) return undefined
  let number = 0
  let part = -1
  let parts = 0
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? dot : text.charCodeAt(at)
    if (code === dot) {
      if (part < 0) return undefined
      number = number * 256 + part
      part = -1
      parts++
      continue
    }
    const digit = code - zero
    if (digit < 0 || digit > 9 || part === 0) return undefined
    part = part < 0 ? digit : part * 10 + digit
    if (part > 255) return undefined
  }
  return parts === 4 ? number : undefined
}

/** True when the address lies in a range given by its first address and its prefix length. */
export function isInRange(address: number, first: number, bits: number): boolean {
  // A shift by 32 would be none.
  return bits === 0 || (address ^ first) >>> (32 - bits) === 0
}
