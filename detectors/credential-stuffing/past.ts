import type { FailureSpan } from './picture.ts'
import { failureCounts, successCounts, type TryTable, valueOr } from './tries.ts'

/** What the long memory of a place says about the tries of a window. All shares are from 0 to 1. */
export interface Past {
  /** Of those that only failed in the window: failed nowhere but where they had logged in before. */
  readonly homeShare: number
  /** The same of all whose last try failed, also of those that had logged in earlier in the window. */
  readonly lostShare: number
  /** Of those that only failed in the window: had logged in before, anywhere. */
  readonly knownShare: number
  /** Of those seen only before the window: failed and never succeeded. `undefined` for fewer than 50. */
  readonly failedShareBefore: number | undefined
  /** Log-ins while the failures lasted, and how many there would have been at the pace of the hour before. */
  readonly loggedIn: number
  readonly usual: number
}

const hourMs = 3_600_000
/** Fewer past accounts say too little about the share that fails. */
const pastMin = 50

/** Reads the past from a sample by account (or address): shares are of the sample, `usual` is scaled up from it. */
export function pastOf(memory: TryTable, start: number, span: FailureSpan): Past {
  const counts = { failing: 0, home: 0, known: 0, lost: 0, lostHome: 0, past: 0, pastFailed: 0, before: 0 }
  const view = memory.view()
  const [failures, successes] = [failureCounts(view), successCounts(view)]
  const [firstFailures, firstSuccesses] = [view.column('first_failure'), view.column('first_success')]
  const [lastFailures, lastSuccesses] = [view.column('last_failure'), view.column('last_success')]
  const [homes, aways] = [view.column('homes'), view.column('aways')]
  let first = span.began
  for (let place = 0; place < view.count; place++) {
    const [lastFailure, lastSuccess] = [lastFailures[place] || 0, lastSuccesses[place] || 0]
    first = Math.min(first, valueOr(firstFailures, place, first), valueOr(firstSuccesses, place, first))
    if (lastSuccess < span.began && lastSuccess >= span.began - hourMs) counts.before++
    if (lastFailure < start && lastSuccess < start) {
      counts.past++
      if ((failures[place] as number) > 0 && successes[place] === 0) counts.pastFailed++
    }
    if (lastFailure < start || lastFailure <= lastSuccess) continue
    // Absent is NaN, which has no bits.
    const home = lastSuccess > 0 && ((aways[place] as number) & ~(homes[place] as number)) === 0
    counts.lost++
    if (home) counts.lostHome++
    if (lastSuccess >= start) continue
    counts.failing++
    if (lastSuccess > 0) counts.known++
    if (home) counts.home++
  }
  const scale = memory.complete ? 1 : memory.distinct / Math.max(1, view.count)
  const seenMs = Math.min(hourMs, span.began - first)
  return {
    homeShare: shareOf(counts.home, counts.failing),
    lostShare: shareOf(counts.lostHome, counts.lost),
    knownShare: shareOf(counts.known, counts.failing),
    failedShareBefore: counts.past < pastMin ? undefined : counts.pastFailed / counts.past,
    loggedIn: span.successes,
    usual: seenMs > 0 ? ((counts.before * scale) / seenMs) * (span.ended - span.began) : 0,
  }
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
