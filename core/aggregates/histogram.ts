import type { Aggregate, Column, Place } from './aggregate.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'

/** A distribution of numbers, negative ones too. */
export interface Histogram {
  readonly count: number
  add(value: number, count?: number): void
  /** The value below which the share `q` (0 to 1) lies, within 2 % of its size; `undefined` while empty. */
  quantile(q: number): number | undefined
}

const gamma = 1.04
const logGamma = Math.log(gamma)
/** Sizes above 10^12 share the last bucket, so that there are at most 1,411 buckets. */
const bucketMax = Math.ceil(Math.log(1e12) / logGamma)

/** Signed logarithmic bucket: 0 holds |value| < 1. */
function bucketOf(value: number): number {
  const size = Math.abs(value)
  if (!(size >= 1)) return 0
  const bucket = Math.min(bucketMax, Math.floor(Math.log(size) / logGamma)) + 1
  return value < 0 ? -bucket : bucket
}

/** The middle of a bucket. */
function midpointOf(bucket: number): number {
  if (bucket === 0) return 0
  const size = (gamma ** (Math.abs(bucket) - 1) * (1 + gamma)) / 2
  return bucket < 0 ? -size : size
}

const noBuckets: ReadonlyMap<number, number> = new Map()

/** Fixed logarithmic buckets (DDSketch: Masson, Rim and Lee, 2019), so that merging is adding. */
class HistogramColumn implements Column<Histogram> {
  readonly #cells = new Map<number, Map<number, number>>()

  get bytes(): number {
    return this.#cells.size * 512
  }

  cursor(place: Place): Histogram {
    return new HistogramCursor(this, place)
  }

  buckets(slot: number): ReadonlyMap<number, number> {
    return this.#cells.get(slot) ?? noBuckets
  }

  add(slot: number, bucket: number, count: number): void {
    let buckets = this.#cells.get(slot)
    if (!buckets) {
      buckets = new Map()
      this.#cells.set(slot, buckets)
    }
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + count)
  }

  size(slot: number): number {
    let count = 0
    for (const each of this.buckets(slot).values()) count += each
    return count
  }

  merge(into: number, from: HistogramColumn, slot: number): void {
    for (const [bucket, count] of from.buckets(slot)) this.add(into, bucket, count)
  }

  release(slot: number): void {
    this.#cells.delete(slot)
  }

  encode(slot: number, out: ByteWriter): void {
    const buckets = sorted(this.buckets(slot))
    out.uint(buckets.length)
    for (const [bucket, count] of buckets) {
      out.uint(bucket + bucketMax + 1)
      out.uint(count)
    }
  }

  decode(slot: number, from: ByteReader): void {
    for (let rest = from.uint(); rest > 0; rest--) this.add(slot, from.uint() - bucketMax - 1, from.uint())
  }
}

function sorted(buckets: ReadonlyMap<number, number>): [number, number][] {
  return [...buckets].sort(([left], [right]) => left - right)
}

class HistogramCursor implements Histogram {
  readonly #column: HistogramColumn
  readonly #place: Place

  constructor(column: HistogramColumn, place: Place) {
    this.#column = column
    this.#place = place
  }

  get count(): number {
    return this.#column.size(this.#place.slot)
  }

  add(value: number, count = 1): void {
    this.#column.add(this.#place.slot, bucketOf(value), count)
  }

  quantile(q: number): number | undefined {
    let rank = Math.max(1, Math.ceil(q * this.count))
    for (const [bucket, count] of sorted(this.#column.buckets(this.#place.slot))) {
      rank -= count
      if (rank <= 0) return midpointOf(bucket)
    }
    return undefined
  }
}

/** A distribution in fixed logarithmic buckets of 4 %: quantiles within 2 %, sizes below 1 count as 0. */
export function histogram(): Aggregate<Histogram> {
  return { kind: 'histogram', words: 0, column: () => new HistogramColumn() }
}
