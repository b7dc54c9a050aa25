/** One object that the caller touched. */
export interface Visit {
  readonly id: string
  readonly value: bigint
  /** The answer was 401 or 403, or 404 or 410, at least once; never a success. */
  readonly refused: boolean
  readonly missed: boolean
  /** The object is known to be of the caller's own tenant. */
  readonly own: boolean
  readonly first: number
  readonly last: number
}

/** A stretch of ids that was walked, whatever the order of the steps. */
export interface Walk {
  readonly visits: readonly Visit[]
  /** Distinct ids, estimated when the visits are a sample. */
  readonly ids: number
  /** Most common distance between neighbours. */
  readonly stride: bigint
  /** Share of the stretch's places at that stride which were touched, 0 to 1. */
  readonly density: number
  /** Most neighbours in a row at exactly the stride, counted in ids. */
  readonly runLength: number
}

/** A gap of this many strides ends a stretch: a walk that misses seven in a row is two walks. */
const gapStrides = 8n

/**
 * The longest walk among the visits of one series: sorted by number, cut where the gap is more than eight strides.
 * A function of the set of visits. `sampled` is the share of ids that were kept (1: all of them).
 */
export function longestWalk(visits: readonly Visit[], sampled: number): Walk | undefined {
  const sorted = [...visits].sort((left, right) =>
    left.value < right.value ? -1 : left.value > right.value ? 1 : 0,
  )
  const gaps = sorted.slice(1).map((visit, index) => visit.value - (sorted[index] as Visit).value)
  const stride = sampled < 1 ? divisor(gaps) : mode(gaps)
  if (stride === 0n) return undefined
  // Neighbours in a sample lie as much further apart as ids were left out.
  const cut = stride * gapStrides * BigInt(Math.ceil(1 / sampled))
  let best: readonly Visit[] = []
  for (let start = 0, index = 0; index < sorted.length; index++) {
    const gap = gaps[index]
    if (gap !== undefined && gap <= cut) continue
    if (index + 1 - start > best.length) best = sorted.slice(start, index + 1)
    start = index + 1
  }
  const [lowest, highest] = [best[0], best[best.length - 1]]
  if (!lowest || !highest || best.length < 2) return undefined
  const ids = Math.round(best.length / sampled)
  const places = Number((highest.value - lowest.value) / stride) + 1
  return {
    visits: best,
    ids,
    stride,
    density: Math.min(1, ids / places),
    runLength: longestRun(best, stride),
  }
}

function longestRun(visits: readonly Visit[], stride: bigint): number {
  let longest = 1
  let run = 1
  for (let index = 1; index < visits.length; index++) {
    const step = (visits[index] as Visit).value - (visits[index - 1] as Visit).value
    run = step === stride ? run + 1 : 1
    longest = Math.max(longest, run)
  }
  return longest
}

/** The most common gap; the smallest of equally common ones. Zero when there is none. */
function mode(gaps: readonly bigint[]): bigint {
  const counts = new Map<bigint, number>()
  for (const gap of gaps) if (gap > 0n) counts.set(gap, (counts.get(gap) ?? 0) + 1)
  let best = 0n
  for (const [gap, count] of counts) {
    const known = counts.get(best) ?? 0
    if (count > known || (count === known && gap < best)) best = gap
  }
  return best
}

/** In a sample the true stride is at most the greatest common divisor of the gaps. */
function divisor(gaps: readonly bigint[]): bigint {
  let result = 0n
  for (let gap of gaps) while (gap !== 0n) [result, gap] = [gap, result % gap]
  return result
}
