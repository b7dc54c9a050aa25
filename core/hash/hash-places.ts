/**
 * Finds numbers by hashes: open addressing with linear probing (Knuth, "The Art of Computer Programming" 3, 6.4), because
 * the entries of a `Map` take three times the memory. A search walks from `start` by `after` until `at` says −1.
 */
export class HashPlaces {
  /** Two words a place: a number plus one, 0 for none, and its hash, so that most searches look at one cache line. */
  #words = new Int32Array(128)
  #mask = 63
  #held = 0

  get bytes(): number {
    return this.#words.byteLength
  }

  /** Where a search for a hash, of which 32 bits are taken, starts. */
  start(hash: number): number {
    return hash & this.#mask
  }

  /** The place to look at after one. */
  after(place: number): number {
    return (place + 1) & this.#mask
  }

  /** The number at a place, −1 for none. */
  at(place: number): number {
    return (this.#words[place * 2] as number) - 1
  }

  /** Whether what is at a place was added with this hash: a text need be looked at only then. */
  has(place: number, hash: number): boolean {
    return this.#words[place * 2 + 1] === (hash | 0)
  }

  /** Adds a number that is not there yet. */
  add(number: number, hash: number): void {
    // At most three quarters full, or unlucky hashes take many steps.
    if (++this.#held * 4 > (this.#mask + 1) * 3) this.#spread()
    this.#put(number + 1, hash | 0)
  }

  /** Takes out a number that was added with this hash. What it pushed on moves back, so that no search ends too early. */
  remove(number: number, hash: number): void {
    const words = this.#words
    let gap = this.start(hash)
    while (words[gap * 2] !== number + 1) gap = this.after(gap)
    for (let place = this.after(gap); words[place * 2] !== 0; place = this.after(place)) {
      const home = this.start(words[place * 2 + 1] as number)
      if (((place - home) & this.#mask) < ((place - gap) & this.#mask)) continue
      words[gap * 2] = words[place * 2] as number
      words[gap * 2 + 1] = words[place * 2 + 1] as number
      gap = place
    }
    words[gap * 2] = 0
    this.#held--
  }

  #put(word: number, hash: number): void {
    let place = this.start(hash)
    while (this.#words[place * 2] !== 0) place = this.after(place)
    this.#words[place * 2] = word
    this.#words[place * 2 + 1] = hash
  }

  #spread(): void {
    const before = this.#words
    this.#words = new Int32Array(before.length * 2)
    this.#mask = before.length - 1
    for (let at = 0; at < before.length; at += 2) {
      if (before[at] !== 0) this.#put(before[at] as number, before[at + 1] as number)
    }
  }
}
