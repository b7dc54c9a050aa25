import { durationMs } from '../../core/time/duration.ts'
import type { Picture } from './picture.ts'
import type { Sighting } from './sighting.ts'
import type { Skewed } from './skews.ts'

/** An on-time delivery this near shows that the provider got through then. */
const nearMs = 60_000
/** Share of the late ids that must come from a time when nothing got through. */
const quietShare = 0.8
/** Share of pairs in order, from which a queue is drained front to back. */
const orderedShare = 0.8

/**
 * A provider's queue that catches up after an outage: old new ids whose timestamps lie where nothing got through, or,
 * where the log does not reach back so far, that come in the order of their timestamps. Captured deliveries come from
 * ordinary times.
 */
export function isBacklog(
  group: readonly Skewed[],
  onTime: readonly Sighting[],
  { remembered, config }: Picture,
): boolean {
  if (group.some(({ skewMs }) => skewMs > 0)) return false
  const begin = remembered.reduce(
    (least, { first = least }) => Math.min(least, first),
    Number.POSITIVE_INFINITY,
  )
  const passed = Float64Array.from(onTime, ({ first = 0 }) => first).sort()
  const arrival = group.reduce(
    (least, { now }) => Math.min(least, now.first ?? least),
    Number.POSITIVE_INFINITY,
  )
  // An outage before the log began would have been caught up with from its beginning.
  const atBegin = arrival - begin <= durationMs(config.tolerance)
  let quiet = 0
  let before = 0
  for (const { now } of group) {
    const timestamp = now.timestamp ?? 0
    if (timestamp < begin - nearMs) before += atBegin ? 1 : 0
    else if (!anyWithin(passed, timestamp - nearMs, timestamp + nearMs)) quiet++
  }
  if (quiet + before < group.length * quietShare) return false
  return before <= group.length / 2 || isOrdered(group)
}

function anyWithin(sorted: Float64Array, low: number, high: number): boolean {
  let [left, right] = [0, sorted.length]
  while (left < right) {
    const middle = (left + right) >> 1
    if ((sorted[middle] ?? 0) < low) left = middle + 1
    else right = middle
  }
  return left < sorted.length && (sorted[left] ?? 0) <= high
}

/** Neighbours by arrival, a few places apart, whose timestamps are not in the other order. */
function isOrdered(group: readonly Skewed[]): boolean {
  const sorted = [...group].sort(
    (left, right) =>
      (left.now.first ?? 0) - (right.now.first ?? 0) ||
      (left.now.timestamp ?? 0) - (right.now.timestamp ?? 0) ||
      (left.now.key < right.now.key ? -1 : 1),
  )
  let [pairs, ordered] = [0, 0]
  const step = Math.max(1, Math.floor(sorted.length / 4))
  for (let index = step; index < sorted.length; index++) {
    pairs++
    if ((sorted[index - step]?.now.timestamp ?? 0) <= (sorted[index]?.now.timestamp ?? 0)) ordered++
  }
  return ordered >= pairs * orderedShare
}
