import type { Window } from '../../core/detector/detector.ts'
import type { memoryShape, PaneCells, paneShape } from './cells.ts'
import type { Basis } from './loud-place.ts'
import type { TryTable } from './tries.ts'

export type LoginWindow = Window<typeof paneShape, typeof memoryShape>

export interface Tally {
  readonly failures: number
  readonly successes: number
}

/** Tries of one basis. Edge and service see the same try: the fuller view counts, not the sum. */
export function tallyOf(cells: PaneCells, basis: Basis): Tally {
  const wanted = basis === 'accounts' ? 'named' : 'unnamed'
  const views = cells.views.rows().filter((row) => row.key.endsWith(` ${wanted}`))
  return {
    failures: Math.max(0, ...views.map((row) => row.failures ?? 0)),
    successes: Math.max(0, ...views.map((row) => row.successes ?? 0)),
  }
}

/** No fewer failures than the rows of a window can hold together: of one try either view may be the fuller. */
export function failuresMax(cells: PaneCells, basis: Basis): number {
  const wanted = basis === 'accounts' ? 'named' : 'unnamed'
  let failures = 0
  for (const row of cells.views.rows()) if (row.key.endsWith(` ${wanted}`)) failures += row.failures ?? 0
  return failures
}

/**
 * Accounts are judged when at least half as many tries name one as don't: then the others are the gateway's view of
 * the same tries. A few names among many tries without (one service of several writes them) must not hide the rest.
 */
export function basisOf(window: LoginWindow): Basis {
  const [named, unnamed] = [tallyOf(window.total, 'accounts'), tallyOf(window.total, 'login_failures')]
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
  const total = tallyOf(window.total, basis).failures
  const panes = window.panes.map(({ start, cells }) => ({ start, ...tallyOf(cells, basis) }))
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
