import type { Cells } from '../../core/aggregates/aggregate.ts'
import { counter } from '../../core/aggregates/counter.ts'
import { distinct } from '../../core/aggregates/distinct.ts'
import { table } from '../../core/aggregates/table.ts'
import type { EntityKind } from '../../core/entity/entity.ts'
import type { Attempt } from './attempt.ts'

/**
 * What is known of one account at one address: failures and successes by who saw them, because edge and service may
 * both see one try; instants are event times. `homes` and `aways` are the places of its successes and failures as
 * one bit of 31 each: enough to tell whether an account failed only where it had logged in before.
 */
export const tryColumns = {
  edge_failures: 'sum',
  service_failures: 'sum',
  edge_successes: 'sum',
  service_successes: 'sum',
  first_failure: 'min',
  last_failure: 'max',
  first_success: 'min',
  last_success: 'max',
  homes: 'bits',
  aways: 'bits',
} as const

/** Rows kept of a pane, and of a slice of memory. */
export const triesKept = 1024

/** Length of a pane. */
export const paneMs = 30_000

/** Tries whose event names the account are kept apart from those without, which may be the other view of them. */
export const paneShape = {
  named: table(triesKept, tryColumns),
  unnamed: table(triesKept, tryColumns),
  /** Totals by view and basis: at most four rows. */
  views: table(4, { failures: 'sum', successes: 'sum' }),
  accounts: distinct(),
  addresses: distinct(),
  routes: table(10, {}),
  /** Tries whose address may be that of a gateway: private, seen by a service. */
  hops: counter(),
}
export const memoryShape = {
  namedLong: table(triesKept, tryColumns),
  unnamedLong: table(triesKept, tryColumns),
  /** Of a route the tries by fingerprint, of a fingerprint the tries by route: the same numbers on both sides. */
  tools: table(triesKept, tryColumns),
}

export type PaneCells = Cells<typeof paneShape>
export type MemoryCells = Cells<typeof memoryShape>

/** Adds a try to the cells of one of the places that it is counted for. */
export function addAttempt(cells: PaneCells & MemoryCells, kind: EntityKind, attempt: Attempt): void {
  const { time, failed, view, account, address = '', network = '', fingerprint = '', route } = attempt
  const basis = account === undefined ? 'unnamed' : 'named'
  cells.views.add(`${view} ${basis}`, failed ? { failures: 1 } : { successes: 1 })
  cells.routes.add(route)
  if (account !== undefined) cells.accounts.add(account)
  if (failed && address !== '') cells.addresses.add(address)
  if (view === 'service' && isPrivate(address)) cells.hops.add()
  const [where, how] = [kind === 'ip' ? '' : address, kind === 'route' ? fingerprint : '']
  const place = bitOf(kind === 'network' ? address : network)
  const row = failed
    ? { [`${view}_failures`]: 1, first_failure: time, last_failure: time, aways: place }
    : { [`${view}_successes`]: 1, first_success: time, last_success: time, homes: place }
  if (fingerprint !== '' && kind === 'route') cells.tools.add(fingerprint, row)
  if (kind === 'fingerprint') cells.tools.add(route, row)
  if (account !== undefined) {
    cells.named.add(`${account}\u0000${where}\u0000${how}`, row)
    cells.namedLong.add(account, row)
  } else {
    cells.unnamed.add(`\u0000${where}\u0000${how}`, row)
    // One address has a row an hour, so that its day can be told from its week.
    cells.unnamedLong.add(kind === 'ip' ? `${Math.floor(time / 3_600_000)}` : address, row)
  }
}

/** One of 31 bits, by FNV-1a: whoever knows a victim's network could share its bit anyway by being there. */
function bitOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return 2 ** ((hash >>> 0) % 31)
}

/** RFC 1918, RFC 4193, loopback and link-local. */
function isPrivate(address: string): boolean {
  return /^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::1?\/|f[cd]|fe[89ab])/.test(
    address,
  )
}
