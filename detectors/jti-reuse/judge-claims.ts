import { durationMs } from '../../core/time/duration.ts'
import { type MemoryCells, markOf, type PaneCells, type TokenWindow } from './cells.ts'
import type { Claim } from './claim.ts'
import type { Config } from './config.ts'
import { networkOf, placeOf } from './place.ts'

/** Beyond this no clock is merely skewed: the verifier does not check. */
const skewMaxMs = 10 * 60_000

/** Accepted outside its life, by its own words. Monotone: one such use proves it. */
export function judgeLife(cells: Pick<PaneCells, 'marks'>): Claim[] {
  const marks = [
    ['before_issue', markOf(cells.marks, 'early')],
    ['after_expiry', markOf(cells.marks, 'late')],
  ] as const
  return marks.flatMap(([reason, row]) =>
    row ? [{ reason, score: (row.by ?? 0) > skewMaxMs ? 0.8 : 0.65, severity: 'medium' }] : [],
  )
}

/** Services outside the audience, where config says so. Monotone too. */
export function judgeSureAudience({ services }: Pick<PaneCells, 'services'>): Claim[] {
  const sure = services.rows().some((row) => (row.sure ?? 0) > 0)
  return sure ? [{ reason: 'audience', score: 0.85, severity: 'high' }] : []
}

/** Names of services in the window that the audience does not name. */
export function misusedServices({ services }: Pick<PaneCells, 'services'>): string[] {
  return services
    .rows()
    .filter((row) => (row.miss ?? 0) + (row.alien ?? 0) + (row.sure ?? 0) > 0 && (row.hit ?? 0) === 0)
    .map((row) => row.key)
    .sort()
}

/**
 * What the token's own traffic teaches: once its audience named one service, it should name the others too. When it
 * never did, a plain name that reads like another service's is told for one service; for several it is a general name.
 */
export function judgeLearnedAudience(cells: PaneCells, known: MemoryCells['known']): Claim[] {
  const missed = cells.services
    .rows()
    .filter((row) => (row.miss ?? 0) + (row.alien ?? 0) > 0 && (row.hit ?? 0) === 0)
  if (missed.length === 0) return []
  const services = known.rows()
  if (services.some((row) => (row.hit ?? 0) > 0))
    return [{ reason: 'audience', score: 0.85, severity: 'high' }]
  const alien = missed.some((row) => (row.alien ?? 0) > 0 && (row.miss ?? 0) === 0)
  return alien && services.length === 1 ? [{ reason: 'audience', score: 0.6, severity: 'medium' }] : []
}

/** When the token or session was logged out, epoch milliseconds; a later log-in gives a session a new life. */
export function logoutOf(window: TokenWindow): number | undefined {
  const logout = markOf(window.memory.life, 'logout')
  if (window.entity.kind !== 'session') return logout?.first
  const login = markOf(window.memory.life, 'login')
  return logout && (login?.last ?? Number.NEGATIVE_INFINITY) < (logout.last ?? 0) ? logout.last : undefined
}

/** Accepted after it was logged out: surely worse from a place where the owner never was. */
export function judgeLogout(window: TokenWindow, config: Config): Claim[] {
  const logout = logoutOf(window)
  const lastUse = markOf(window.total.marks, 'use')?.last
  if (logout === undefined || lastUse === undefined) return []
  const dead = logout + durationMs(config.leeway)
  if (lastUse <= dead) return []
  // A session id is less than a token: it may live on in ways that the log does not tell.
  if (window.entity.kind === 'session') return [{ reason: 'after_logout', score: 0.65, severity: 'medium' }]
  const before = new Set(
    window.memory.visits
      .rows()
      .filter((row) => (row.first ?? 0) <= logout)
      .map((row) => networkOf(placeOf(row.key.slice(row.key.indexOf('|') + 1)).address)),
  )
  const strange = window.panes
    .flatMap(({ cells }) => cells.places.rows())
    .some(
      (row) => (row.last ?? 0) > dead && before.size > 0 && !before.has(networkOf(placeOf(row.key).address)),
    )
  return [{ reason: 'after_logout', score: strange ? 0.9 : 0.8, severity: strange ? 'high' : 'medium' }]
}
