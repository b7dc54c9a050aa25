import type { KeyedHash } from './keyed-hash.ts'

/** Texts remembered, in two generations: what was asked for since the last turn survives the next one. */
const textsMax = 65_536
/** Longer texts are not remembered: an attacker chooses how much memory they take. */
const textLengthMax = 128

/** The same hash with a memory: the same addresses and names come again and again, and hashing costs more than a look-up. */
export function rememberedHash(hash: KeyedHash): KeyedHash {
  let recent = new Map<string, number>()
  let older = new Map<string, number>()
  let lastText: string | undefined
  let last = 0
  return function remembered(text) {
    // One event adds the same name to several entities.
    if (text === lastText) return last
    lastText = text
    last = lookUp(text)
    return last
  }

  function lookUp(text: string): number {
    const known = recent.get(text)
    if (known !== undefined) return known
    const made = older.get(text) ?? hash(text)
    if (text.length > textLengthMax) return made
    if (recent.size >= textsMax) {
      older = recent
      recent = new Map()
    }
    recent.set(text, made)
    return made
  }
}
