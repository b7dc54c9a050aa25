import { latin1Of } from './latin1-of.ts'

/** Slots; two that differ in the lowest bit are tried for one hash. */
const slotsMax = 2 ** 17
/** Longer texts seldom come again, and would make the cache large: about 25 MB when full of the longest. */
const bytesMax = 160

/**
 * Texts by the ASCII bytes that spell them, so that the same bytes give the same string: nothing is allocated for a
 * text that came before, and a string that was looked up before need not be hashed again. A slot is overwritten by the next text
 * that falls into it: whoever aims for collisions makes himself slower and nothing larger.
 */
export class TextCache {
  readonly #texts: string[] = new Array(slotsMax).fill('')
  readonly #hashes = new Int32Array(slotsMax)

  /** The text of the bytes from `start` to `end`, all of them ASCII; `hash` is `textHash` of them. */
  text(bytes: Uint8Array, start: number, end: number, hash: number): string {
    const length = end - start
    if (length > bytesMax) return latin1Of(bytes, start, end)
    const slot = (hash ^ (hash >>> 15)) & (slotsMax - 1)
    if (this.#hashes[slot] === hash) {
      const text = this.#texts[slot] as string
      if (isSpelled(text, bytes, start, length)) return text
    }
    const other = slot ^ 1
    if (this.#hashes[other] === hash) {
      const text = this.#texts[other] as string
      if (isSpelled(text, bytes, start, length)) return text
    }
    const made = latin1Of(bytes, start, end)
    const free = this.#hashes[slot] === 0 ? slot : other
    this.#hashes[free] = hash
    this.#texts[free] = made
    return made
  }
}

function isSpelled(text: string, bytes: Uint8Array, start: number, length: number): boolean {
  if (text.length !== length) return false
  for (let at = 0; at < length; at++) if (text.charCodeAt(at) !== bytes[start + at]) return false
  return true
}
