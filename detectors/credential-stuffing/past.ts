import type { FailureSpan } from './picture.ts'
import { failuresOf, isFailedOnly, successesOf, type TryTable } from './tries.ts'

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
  const rows = memory.rows()
  let first = span.began
  for (const row of rows) {
    const [lastFailure, lastSuccess] = [row.last_failure ?? 0, row.last_success ?? 0]
    first = Math.min(first, row.first_failure ?? first, row.first_success ?? first)
    if (lastSuccess < span.began && lastSuccess >= span.began - hourMs) counts.before++
    if (lastFailure < start && lastSuccess < start) {
      counts.past++
      if (isFailedOnly({ failures: failuresOf(row), successes: successesOf(row) })) counts.pastFailed++
    }
    if (lastFailure < start || lastFailure <= lastSuccess) continue
    const home = lastSuccess > 0 && ((row.aways ?? 0) & ~(row.homes ?? 0)) === 0
    counts.lost++
    if (home) counts.lostHome++
    if (lastSuccess >= start) continue
    counts.failing++
    if (lastSuccess > 0) counts.known++
    if (home) counts.home++
  }
  const scale = memory.complete ? 1 : memory.distinct / Math.max(1, rows.length)
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
