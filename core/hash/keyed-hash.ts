/**
 * A keyed 53-bit hash of text. Samples keep the k smallest hashes and shards are chosen by hash, so without the
 * key an attacker can't choose ids that push others out of a sample or all fall into one shard.
 */
export type KeyedHash = (text: string) => number

/** Hashes are integers in `[0, hashSpace)`. */
export const hashSpace = 2 ** 53

/**
 * HalfSipHash-2-4 with 64 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, and its
 * 32-bit variant), over the UTF-16 code units of the text, little-endian. 53 of the 64 bits are returned.
 */
export function keyedHash(key0: number, key1: number): KeyedHash {
  return function halfSipHash(text) {
    let v0 = key0 | 0
    let v1 = key1 ^ 0xee
    let v2 = 0x6c796765 ^ key0
    let v3 = 0x74656462 ^ key1
    const { length } = text
    const pairs = length >> 1
    for (let word = 0; word <= pairs + 2; word++) {
      // Words past the text are the padding with the length, then the two finalisations of four rounds.
      let rounds = 2
      let m = 0
      if (word < pairs) m = text.charCodeAt(word * 2) | (text.charCodeAt(word * 2 + 1) << 16)
      else if (word === pairs)
        m = (((length * 2) & 0xff) << 24) | (length & 1 ? text.charCodeAt(length - 1) : 0)
      else rounds = 4
      if (word === pairs + 1) v2 ^= 0xee
      const low = word === pairs + 2 ? v1 ^ v3 : 0
      if (word === pairs + 2) v1 ^= 0xdd
      v3 ^= m
      for (let round = 0; round < rounds; round++) {
        v0 = (v0 + v1) | 0
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
        v0 = (v0 << 16) | (v0 >>> 16)
        v2 = (v2 + v3) | 0
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
        v0 = (v0 + v3) | 0
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
        v2 = (v2 + v1) | 0
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
        v2 = (v2 << 16) | (v2 >>> 16)
      }
      v0 ^= m
      if (word === pairs + 2) return ((v1 ^ v3) >>> 11) * 2 ** 32 + (low >>> 0)
    }
    throw new Error('unreachable: the last word returns')
  }
}

/** The hash used where there is no space key: demo, tests, hermetic replay. */
export const publicHash = keyedHash(0x7069636b, 0x65742e31)
