import { textHash } from './text-hash.ts'

interface Entry<Meaning> {
  readonly bytes: Uint8Array
  readonly hash: number
  readonly meaning: Meaning
}

/** Meanings of keys by their ASCII bytes, found without making a string. */
export class KeyTable<Meaning> {
  readonly #slots: (Entry<Meaning> | undefined)[]
  readonly #mask: number

  constructor(meanings: ReadonlyMap<string, Meaning>) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(4, meanings.size * 4)))
    this.#slots = new Array(size).fill(undefined)
    this.#mask = size - 1
    for (const [key, meaning] of meanings) {
      const bytes = Buffer.from(key, 'latin1')
      const hash = textHash(bytes, 0, bytes.length)
      let slot = hash & this.#mask
      while (this.#slots[slot]) slot = (slot + 1) & this.#mask
      this.#slots[slot] = { bytes, hash, meaning }
    }
  }

  /** The meaning of the key from `start` to `end`, whose `textHash` is `hash`. */
  find(bytes: Uint8Array, start: number, end: number, hash: number): Meaning | undefined {
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const entry = this.#slots[slot]
      if (entry === undefined) return undefined
      if (entry.hash === hash && isSame(entry.bytes, bytes, start, end)) return entry.meaning
    }
  }
}

function isSame(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false
  for (let at = 0; at < key.length; at++) if (key[at] !== bytes[start + at]) return false
  return true
}
