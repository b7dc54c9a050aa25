import { median, medianAbsoluteDeviation } from 'simple-statistics'

/** Robust centre and spread of a distribution, and how many samples they rest on. */
export interface CentreAndSpread {
  readonly centre: number
  readonly spread: number
  readonly samples: number
}

/** How often a value was seen. */
export interface WeightedValue {
  readonly value: number
  readonly count: number
}

/** A distribution is expanded to at most so many samples, evenly spaced by rank: the median moves by 0.1 % of ranks. */
const expandedMax = 1024

/** Makes the MAD of a normal distribution its standard deviation. */
const madScale = 1.4826

/**
 * The spread is at least this share of the centre. A history that never varied has a MAD of zero, and the first sample
 * that is one above it would then be infinitely unusual; 10 % is what a busy count of a hundred varies by anyway.
 */
export const spreadMinShare = 0.1

/** Median and scaled MAD (at least `spreadMinShare` of the median). Values in any order; `undefined` without samples. */
export function centreAndSpread(distribution: readonly WeightedValue[]): CentreAndSpread | undefined {
  const sorted = [...distribution].filter(({ count }) => count > 0).sort((a, b) => a.value - b.value)
  const samples = sorted.reduce((sum, { count }) => sum + count, 0)
  if (samples === 0) return undefined
  const values = expand(sorted, samples)
  const centre = median(values)
  const spread = Math.max(madScale * medianAbsoluteDeviation(values), spreadMinShare * Math.abs(centre))
  return { centre, spread, samples }
}

/** One value per sample, or `expandedMax` of them at evenly spaced ranks. */
function expand(sorted: readonly WeightedValue[], samples: number): number[] {
  const length = Math.min(samples, expandedMax)
  const values: number[] = []
  let ranksBefore = 0
  for (const { value, count } of sorted) {
    ranksBefore += count
    while (values.length < length && Math.floor(((values.length + 0.5) * samples) / length) < ranksBefore) {
      values.push(value)
    }
  }
  return values
}
