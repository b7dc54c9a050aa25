import { HashPlaces } from '../hash/hash-places.ts'
import type { KeyedHash } from '../hash/keyed-hash.ts'
import type { ByteReader } from './byte-reader.ts'
import { grown } from './grown.ts'

/** Texts by number: the same text in many rows is kept once, with its keyed hash, for as long as a row holds it. */
export class Keys {
  readonly hash: KeyedHash
  /** Empty for a number that is free. */
  readonly texts: string[] = []
  /** Keyed hash of each text. */
  hashes = new Float64Array(0)
  readonly #places = new HashPlaces()
  /** Rows that hold a number; of a free one the next free one plus one, negated. */
  #uses = new Int32Array(0)
  /** A free number plus one. */
  #free = 0
  #lastText = ''
  /** −1 for none. */
  #last = -1
  /** Texts that were read last, by their hints: a few come again and again. */
  readonly #read = new Int32Array(256)
  /** What was made of texts, by who made it. */
  readonly #made: { readonly make: unknown; readonly values: unknown[] }[] = []

  constructor(hash: KeyedHash) {
    this.hash = hash
  }

  /** Memory held, about, the texts with it. */
  get bytes(): number {
    return this.hashes.byteLength + this.#uses.byteLength + this.#places.bytes + this.texts.length * 64
  }

  /** Number of a text, a new one when it is unknown; who does not hold it must call `drop`. */
  numberOf(text: string): number {
    if (this.#last >= 0 && text === this.#lastText) return this.#last
    const hash = this.hash(text)
    const places = this.#places
    let place = places.start(hash)
    let key = places.at(place)
    while (key >= 0 && !(places.has(place, hash) && this.texts[key] === text)) {
      place = places.after(place)
      key = places.at(place)
    }
    if (key < 0) key = this.#add(text, hash)
    this.#lastText = text
    this.#last = key
    return key
  }

  /** `numberOf` the next text, which need not be made when it is known. */
  read(from: ByteReader): number {
    const hint = from.textHint
    const known = this.#read[hint] as number
    const text = this.texts[known]
    if (text && from.passes(text)) return known
    const key = this.numberOf(from.text())
    this.#read[hint] = key
    return key
  }

  /** A row has this key from now on. */
  hold(key: number): void {
    this.#uses[key] = (this.#uses[key] as number) + 1
  }

  /** A row has this key no more. */
  release(key: number): void {
    const uses = (this.#uses[key] as number) - 1
    this.#uses[key] = uses
    if (uses === 0) this.#forget(key)
  }

  /** Forgets a key that no row holds. */
  drop(key: number): void {
    if (this.#uses[key] === 0) this.#forget(key)
  }

  /**
   * What `make` makes of the text of a key, made once for as long as a row holds that: windows that follow each other have
   * most of their keys in common. `make` is told apart by identity.
   */
  made<T>(key: number, make: (text: string) => T): T {
    const values = this.#valuesOf(make)
    const value = values[key]
    if (value !== undefined) return value as T
    const made = make(this.texts[key] as string)
    // Without gaps, or the array becomes a dictionary.
    while (values.length < key) values.push(undefined)
    values[key] = made
    return made
  }

  #valuesOf(make: unknown): unknown[] {
    for (let at = 0; at < this.#made.length; at++) {
      const known = this.#made[at] as { readonly make: unknown; readonly values: unknown[] }
      if (known.make === make) return known.values
    }
    const values: unknown[] = []
    this.#made.push({ make, values })
    return values
  }

  #add(text: string, hash: number): number {
    let key = this.#free - 1
    if (key >= 0) this.#free = -(this.#uses[key] as number)
    else {
      key = this.texts.length
      this.#uses = grown(this.#uses, key + 1)
      this.hashes = grown(this.hashes, key + 1)
    }
    this.texts[key] = text
    this.hashes[key] = hash
    this.#uses[key] = 0
    this.#places.add(key, hash)
    return key
  }

  #forget(key: number): void {
    this.#places.remove(key, this.hashes[key] as number)
    this.texts[key] = ''
    for (let at = 0; at < this.#made.length; at++) {
      const { values } = this.#made[at] as { readonly values: unknown[] }
      if (key < values.length) values[key] = undefined
    }
    this.#uses[key] = -this.#free
    this.#free = key + 1
    this.#last = -1
  }
}
