const view = new DataView(new ArrayBuffer(8))

/** Magnitudes below this count as zero and above `bucketCeiling` as that, so that the number of buckets is bounded. */
export const bucketEpsilon = 2 ** -20
export const bucketCeiling = 2 ** 53
/** How many low bits of a float64 a bucket ignores: 6 of its 52 mantissa bits stay, 64 buckets to an octave. */
export const bucketDroppedBits = 46

/**
 * Lower edge (by magnitude) of the bucket of a measure. The scale is log-linear as in HdrHistogram: an edge is at most
 * 1.6 % below the value, and integers up to 128 are their own edges. Clearing mantissa bits instead of taking a
 * logarithm makes JavaScript and SQL agree to the last bit on every platform (see `bucketSql` of the store).
 */
export function bucketFloor(value: number): number {
  const magnitude = Math.abs(value)
  if (magnitude < bucketEpsilon) return 0
  view.setFloat64(0, Math.sign(value) * Math.min(magnitude, bucketCeiling))
  view.setUint32(0, view.getUint32(0) & ~((1 << (bucketDroppedBits - 32)) - 1))
  view.setUint32(4, 0)
  return view.getFloat64(0)
}
