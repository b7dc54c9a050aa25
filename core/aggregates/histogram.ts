import type { Aggregate } from './aggregate.ts'

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

/** Fixed logarithmic buckets (DDSketch: Masson, Rim and Lee, 2019), so that merging is adding. */
class LogBuckets implements Histogram {
  readonly buckets = new Map<number, number>()
  count = 0

  add(value: number, count = 1): void {
    this.addBucket(bucketOf(value), count)
  }

  addBucket(bucket: number, count: number): void {
    this.buckets.set(bucket, (this.buckets.get(bucket) ?? 0) + count)
    this.count += count
  }

  quantile(q: number): number | undefined {
    let rank = Math.max(1, Math.ceil(q * this.count))
    for (const [bucket, count] of this.sorted()) {
      rank -= count
      if (rank <= 0) return midpointOf(bucket)
    }
    return undefined
  }

  sorted(): [number, number][] {
    return [...this.buckets].sort(([left], [right]) => left - right)
  }
}

/** A distribution in fixed logarithmic buckets of 4 %: quantiles within 2 %, sizes below 1 count as 0. */
export function histogram(): Aggregate<Histogram> {
  return {
    kind: 'histogram',
    open: () => new LogBuckets(),
    merge(into, from) {
      for (const [bucket, count] of (from as LogBuckets).buckets)
        (into as LogBuckets).addBucket(bucket, count)
    },
    encode(cell, out) {
      const buckets = (cell as LogBuckets).sorted()
      out.uint(buckets.length)
      for (const [bucket, count] of buckets) {
        out.uint(bucket + bucketMax + 1)
        out.uint(count)
      }
    },
    decode(from) {
      const cell = new LogBuckets()
      for (let rest = from.uint(); rest > 0; rest--) cell.addBucket(from.uint() - bucketMax - 1, from.uint())
      return cell
    },
  }
}
