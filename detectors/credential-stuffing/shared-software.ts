import type { Config } from './config.ts'
import type { LoginWindow } from './picture.ts'
import { failuresOf, successesOf } from './tries.ts'

/** Log-ins with one software from which it is nobody's own; where some are earlier than the window, fewer are enough. */
const loggedInMin = 5
const loggedInEarlierMin = 2
/** An attacker's hits are log-ins, too: one or two of a hundred leaked accounts still work. */
const loggedInShareMin = 0.03

/** Tells of a fingerprint whether honest people use it. */
export type SharedSoftware = (fingerprint: string) => boolean

type ToolRow = ReturnType<LoginWindow['memory']['tools']['rows']>[number]

/** Whether honest people log in with the fingerprint that is judged: then it names nobody, and its route is judged. */
export function isShared(window: LoginWindow, config: Config): boolean {
  if (isBrowser(window.entity.id, config)) return true
  // The route that the attack is about; by the alphabet, should two be alike.
  const [attacked] = window.memory.tools
    .rows()
    .toSorted((left, right) => failuresOf(right) - failuresOf(left) || (left.key < right.key ? -1 : 1))
  return attacked !== undefined && isUsed(attacked, window.start)
}

/** The same as a route sees it, which must not leave out tries that their fingerprint is not blamed for. */
export function sharedSoftwareOf(window: LoginWindow, config: Config): SharedSoftware {
  return (fingerprint) => {
    if (isBrowser(fingerprint, config)) return true
    const row = window.once(toolsOf).get(fingerprint)
    // Left out of the sample: nothing is known of it.
    return row === undefined || isUsed(row, window.start)
  }
}

/** Of a route what is remembered of each fingerprint, of a fingerprint the same of each route. */
export function toolsOf({ memory }: LoginWindow): ReadonlyMap<string, ToolRow> {
  return new Map(memory.tools.rows().map((row) => [row.key, row]))
}

/** JA4 (FoxIO, "JA4: TLS Client Fingerprinting"): the second part is the hash of the cipher suites, the same for years. */
function isBrowser(fingerprint: string, { browser_ciphers }: Config): boolean {
  return browser_ciphers.includes(fingerprint.split('_')[1] ?? '')
}

function isUsed(row: ToolRow, start: number): boolean {
  const successes = successesOf(row)
  const earlier = (row.first_success ?? start) < start
  if (successes < (earlier ? loggedInEarlierMin : loggedInMin)) return false
  return successes >= (successes + failuresOf(row)) * loggedInShareMin
}
