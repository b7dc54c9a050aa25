/** Counts up to each bound, the smaller ones included, as Prometheus wants them; seconds. */
export interface HistogramCounts {
  readonly buckets: readonly (readonly [le: number, upTo: number])[]
  readonly sum: number
  readonly count: number
}

/** Durations counted in fixed buckets. */
export class DurationHistogram {
  readonly #bounds: readonly number[]
  readonly #within: number[]
  #sum = 0
  #count = 0

  /** Upper bounds in seconds, ascending. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#within = bounds.map(() => 0)
  }

  add(seconds: number): void {
    this.#sum += seconds
    this.#count++
    const place = this.#bounds.findIndex((bound) => seconds <= bound)
    if (place >= 0) this.#within[place] = (this.#within[place] ?? 0) + 1
  }

  counts(): HistogramCounts {
    let upTo = 0
    const buckets = this.#bounds.map((bound, place) => {
      upTo += this.#within[place] ?? 0
      return [bound, upTo] as const
    })
    return { buckets, sum: this.#sum, count: this.#count }
  }
}
