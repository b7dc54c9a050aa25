/** The value at share `q` of sorted numbers, the lower of two; 0 of none. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.floor((sorted.length - 1) * q)] ?? 0
}

export function ascending(values: readonly number[]): number[] {
  return [...values].sort((left, right) => left - right)
}
