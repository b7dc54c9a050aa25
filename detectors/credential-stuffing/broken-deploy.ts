import type { Past } from './past.ts'
import type { Subject } from './tries.ts'

/** From this share of failing accounts at home on, the failures are of people who belong there. */
const homeShareMin = 0.3
/** Fewer log-ins than this were to be expected: whether they stopped can't be said. */
const usualMin = 3

/**
 * True when the failures look like a log-in that stopped working for the people who use it: either a good part of
 * them fail where they had always logged in, or each keeps trying from its own address; and log-ins that work have
 * become rare. An attack does not stop other people's log-ins, and its accounts don't stay at one address.
 */
export function isBrokenDeploy(failed: readonly Subject[], past: Past, namesKnown: boolean): boolean {
  const measured = past.usual >= usualMin
  const goOn = measured ? past.loggedIn >= past.usual / 2 : past.loggedIn >= Math.max(3, failed.length / 5)
  if (goOn) return false
  if (past.homeShare >= homeShareMin) return true
  // Without names a try again looks like the next account: only the end of all success tells.
  return retriesAtHome(failed) && (namesKnown || measured)
}

/** Most accounts failed twice or more, each at one address that is nearly its own: people and apps try again. */
function retriesAtHome(failed: readonly Subject[]): boolean {
  const repeated = failed.filter((subject) => subject.failures >= 2 && placesOf(subject) === 1).length
  const addresses = new Set(failed.flatMap((subject) => subject.failing.map((row) => row.address)))
  return repeated / failed.length >= 0.5 && failed.length / Math.max(1, addresses.size) <= 1.5
}

function placesOf(subject: Subject): number {
  return new Set(subject.failing.map((row) => row.address)).size
}
