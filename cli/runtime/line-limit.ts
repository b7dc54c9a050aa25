/** So many lines in a second and no more: what an attacker causes must not fill a disk with its log. */
export class LineLimit {
  readonly #perSecond: number
  #second = Number.NaN
  #taken = 0
  #held = 0

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** Whether one more line may be written at `now`, epoch milliseconds; if not, it is counted. */
  take(now: number): boolean {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#taken = 0
    }
    if (this.#taken < this.#perSecond) {
      this.#taken++
      return true
    }
    this.#held++
    return false
  }

  /** How many lines were held back and not told yet, once their second is over; 0 before. Counting begins anew. */
  held(now: number): number {
    if (Math.floor(now / 1000) === this.#second) return 0
    const held = this.#held
    this.#held = 0
    return held
  }
}
