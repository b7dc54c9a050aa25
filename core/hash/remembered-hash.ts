import type { KeyedHash } from './keyed-hash.ts'

/** Texts remembered, a power of two. More would be found more often, but not faster than they are hashed. */
const textsMax = 1024
/** Longer texts are not remembered: an attacker chooses how much memory they take. */
const textLengthMax = 128

/**
 * The same hash with a memory for the texts of the current event, which come for several entities and detectors, and for
 * the few that come with every event. Each text has one place, and the newest takes it.
 */
export function rememberedHash(hash: KeyedHash): KeyedHash {
  // Compared with `undefined` once, texts are compared by a slow call for good.
  const texts: string[] = new Array(textsMax).fill('')
  const hashes = new Float64Array(textsMax).fill(hash(''))
  let lastText = ''
  let last = hash('')
  return function remembered(text) {
    if (text === lastText) return last
    const place = placeOf(text)
    if (texts[place] === text) last = hashes[place] as number
    else {
      last = hash(text)
      if (text.length <= textLengthMax) {
        texts[place] = text
        hashes[place] = last
      }
    }
    lastText = text
    return last
  }
}

/** Ids mostly differ in their last characters. */
function placeOf(text: string): number {
  const { length } = text
  if (length < 4) return length
  const end = text.charCodeAt(length - 1) | (text.charCodeAt(length - 2) << 8)
  const before = text.charCodeAt(length - 3) | (text.charCodeAt(length >> 1) << 8)
  return (Math.imul(end ^ (length << 16), 0x9e3779b1) ^ Math.imul(before, 0x85ebca6b)) >>> 22
}
