import type { Past } from './past.ts'
import type { Subject } from './tries.ts'

/** From this share of failing accounts at home on, the failures are of people who belong there. */
export const homeShareMin = 0.3
/** Fewer log-ins than this were to be expected: whether they stopped can't be said. */
export const usualMin = 5
/** Log-ins below this share of the usual have stopped: by chance once in fifty windows at five, less at more. */
export const stoppedShareMax = 0.2
/** In a broken deploy those who fail are those who would have logged in; jobs that all return at once triple that. */
export const arrivalsMax = 3
/** People and apps try again within a minute or two; a list of leaked accounts moves on. */
const settledMs = 60_000
const retriedShareMin = 0.25
/** Nothing known of the time before: half of the addresses, each a few times, then the person gives up. */
const retriedAloneShareMin = 0.5
const retriesMax = 8

/** How log-ins went on while the failures lasted. */
export function pulseOf(past: Past, failed: number): 'goes on' | 'stopped' | 'unknown' {
  if (past.usual < usualMin) return past.loggedIn >= Math.max(3, failed / 5) ? 'goes on' : 'unknown'
  if (past.loggedIn <= past.usual * stoppedShareMax) return 'stopped'
  return past.loggedIn >= past.usual / 2 ? 'goes on' : 'unknown'
}

/** What is asked about a place whose log-ins may be broken. */
export interface Suspicion {
  readonly failed: readonly Subject[]
  /** How many rows of the window each of `failed` stands for. */
  readonly scale: number
  readonly past: Past
  readonly end: number
  readonly namesKnown: boolean
}

/**
 * True when the failures look like a log-in that stopped working for the people who use it: other log-ins don't go
 * on as usual, and those who fail had always logged in from there, or are about as many as would have logged in
 * now, or keep trying from their own address. An attack does not stop other people's log-ins.
 */
export function isBrokenDeploy({ failed, scale, past, end, namesKnown }: Suspicion): boolean {
  const pulse = pulseOf(past, failed.length * scale)
  if (pulse === 'goes on') return false
  if (!namesKnown && past.loggedIn === 0 && past.usual === 0) return triesAtOnce(failed, end)
  if (past.lostShare >= homeShareMin) return true
  if (pulse === 'stopped' && failed.length * scale <= past.usual * arrivalsMax) return true
  // Without names a try again looks like the next account: only the end of all success tells.
  return (namesKnown || pulse === 'stopped') && triesAgain(failed, end)
}

/** Those who had time to try again did so, each from an address that is nearly its own; or nobody had time yet. */
export function triesAgain(failed: readonly Subject[], end: number): boolean {
  const settled = failed.filter((subject) => subject.firstFailure <= end - settledMs)
  if (settled.length * 2 < failed.length) return true
  const repeated = settled.filter((subject) => subject.failures >= 2 && placesOf(subject) === 1).length
  const addresses = new Set(settled.flatMap((subject) => subject.failing.map((row) => row.address)))
  return repeated / settled.length >= retriedShareMin && settled.length / Math.max(1, addresses.size) <= 1.5
}

/**
 * Without names and without a log-in to compare with: a person tries again at once, a botnet comes back to an
 * address when it has been through the others.
 */
function triesAtOnce(failed: readonly Subject[], end: number): boolean {
  const settled = failed.filter((subject) => subject.firstFailure <= end - settledMs)
  if (settled.length * 2 < failed.length) return true
  const atOnce = settled.filter(({ failures, failing, firstFailure }) => {
    const last = Math.max(...failing.map((row) => row.lastFailure))
    return failures >= 2 && failures <= retriesMax && last - firstFailure <= settledMs * (failures - 1)
  })
  return atOnce.length >= settled.length * retriedAloneShareMin
}

function placesOf(subject: Subject): number {
  return new Set(subject.failing.map((row) => row.address)).size
}
