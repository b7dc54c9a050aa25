import type { Window } from '../../core/detector/detector.ts'
import type { memoryShape, PaneCells, paneShape } from './cells.ts'
import type { Basis } from './loud-place.ts'
import type { TryTable } from './tries.ts'

export type LoginWindow = Window<typeof paneShape, typeof memoryShape>

export interface Tally {
  readonly failures: number
  readonly successes: number
}

/** What the views of some cells add up to, of tries that name an account and of those that don't. */
interface Tallies {
  readonly named: Tally
  readonly unnamed: Tally
  /** Failures of all views together. */
  readonly namedFailures: number
  readonly unnamedFailures: number
}

function talliesOf({ views }: PaneCells): Tallies {
  const best = { named: { failures: 0, successes: 0 }, unnamed: { failures: 0, successes: 0 } }
  let [namedFailures, unnamedFailures] = [0, 0]
  for (const { key, failures = 0, successes = 0 } of views.rows()) {
    const isNamed = key.endsWith(' named')
    if (isNamed) namedFailures += failures
    else unnamedFailures += failures
    const tally = isNamed ? best.named : best.unnamed
    tally.failures = Math.max(tally.failures, failures)
    tally.successes = Math.max(tally.successes, successes)
  }
  return { ...best, namedFailures, unnamedFailures }
}

const totalsOf = ({ total }: LoginWindow): Tallies => talliesOf(total)

/** Tries of one basis in the whole window. Edge and service see the same try: the fuller view counts, not the sum. */
export function tallyOf(window: LoginWindow, basis: Basis): Tally {
  const { named, unnamed } = window.once(totalsOf)
  return basis === 'accounts' ? named : unnamed
}

/** No fewer failures than the rows of a window can hold together: of one try either view may be the fuller. */
export function failuresMax(window: LoginWindow, basis: Basis): number {
  const { namedFailures, unnamedFailures } = window.once(totalsOf)
  return basis === 'accounts' ? namedFailures : unnamedFailures
}

/**
 * Accounts are judged when at least half as many tries name one as don't: then the others are the gateway's view of
 * the same tries. A few names among many tries without (one service of several writes them) must not hide the rest.
 */
export function basisOf(window: LoginWindow): Basis {
  const { named, unnamed } = window.once(totalsOf)
  const namedCount = named.failures + named.successes
  return namedCount > 0 && namedCount * 2 >= unnamed.failures + unnamed.successes
    ? 'accounts'
    : 'login_failures'
}

export function tableOf(window: LoginWindow, basis: Basis): TryTable {
  return basis === 'accounts' ? window.total.named : window.total.unnamed
}

export function memoryTableOf(window: LoginWindow, basis: Basis): TryTable {
  return basis === 'accounts' ? window.memory.namedLong : window.memory.unnamedLong
}

/** When the failures of a window lasted, without its first and last tenth, and the successes meanwhile. */
export interface FailureSpan {
  readonly began: number
  readonly ended: number
  readonly successes: number
}

export function failureSpan(window: LoginWindow, basis: Basis, paneMs: number): FailureSpan {
  const total = tallyOf(window, basis).failures
  const panes = window.panes.map(({ start, cells }) => {
    const { named, unnamed } = talliesOf(cells)
    return { start, ...(basis === 'accounts' ? named : unnamed) }
  })
  let failures = 0
  let [began, ended, successes] = [window.start, window.end, 0]
  for (const pane of panes) {
    const before = failures
    failures += pane.failures
    if (before * 10 <= total && failures * 10 > total) began = pane.start
    if (failures * 10 <= total) continue
    if (before * 10 < total * 9) {
      ended = pane.start + paneMs
      successes += pane.successes
    }
  }
  return { began, ended, successes }
}

/** Log-ins seen at a place that look like a whole gateway's: private address in a service's log, people behind it. */
const gatewayAccountsMin = 10

/** True when the address is likely a gateway's, so that blaming it would blame all clients. */
export function isGateway(window: LoginWindow): boolean {
  const { views, hops } = window.total
  if (hops.value === 0) return false
  let tries = 0
  for (const row of views.rows()) tries += (row.failures ?? 0) + (row.successes ?? 0)
  if (hops.value * 2 < tries) return false
  const known = window.memory.namedLong.rows().filter((row) => row.last_success !== undefined).length
  return known >= gatewayAccountsMin
}
