import { failuresOf, isFailedOnly, successesOf, type TryTable } from './tries.ts'

/** What the long memory of a place says about the tries of a window. All shares are from 0 to 1. */
export interface Past {
  /** Of those that only failed in the window: failed nowhere but where they had logged in before. */
  readonly homeShare: number
  /** Of those that only failed in the window: had logged in before, anywhere. */
  readonly knownShare: number
  /** Of those seen only before the window: failed and never succeeded. `undefined` for fewer than 50. */
  readonly failedShareBefore: number | undefined
  /** How many logged in since the failures began, and how many would have at the pace of the hour before. */
  readonly loggedIn: number
  readonly usual: number
}

const hourMs = 3_600_000
/** Fewer past accounts say too little about the share that fails. */
const pastMin = 50

/**
 * Reads the past from a sample by account (or address): every count is of the sample, so only shares and ratios of
 * them are used. `began` is when the failures of the window began.
 */
export function pastOf(memory: TryTable, start: number, began: number, end: number): Past {
  let [failing, home, known, past, pastFailed, loggedIn, before] = [0, 0, 0, 0, 0, 0, 0]
  let first = Number.POSITIVE_INFINITY
  for (const row of memory.rows()) {
    const [lastFailure, lastSuccess] = [row.last_failure ?? 0, row.last_success ?? 0]
    first = Math.min(first, row.first_failure ?? end, row.first_success ?? end)
    if (lastSuccess >= began) loggedIn++
    else if (lastSuccess >= began - hourMs) before++
    if (lastFailure < start && lastSuccess < start) {
      past++
      if (isFailedOnly({ failures: failuresOf(row), successes: successesOf(row) })) pastFailed++
    }
    if (lastFailure < start || lastSuccess >= start) continue
    failing++
    if (lastSuccess > 0) known++
    if (lastSuccess > 0 && ((row.aways ?? 0) & ~(row.homes ?? 0)) === 0) home++
  }
  const seenMs = Math.min(hourMs, began - first)
  return {
    homeShare: failing === 0 ? 0 : home / failing,
    knownShare: failing === 0 ? 0 : known / failing,
    failedShareBefore: past < pastMin ? undefined : pastFailed / past,
    loggedIn,
    usual: seenMs > 0 ? (before / seenMs) * (end - began) : 0,
  }
}
