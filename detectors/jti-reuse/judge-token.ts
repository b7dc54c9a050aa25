import type { Verdict } from '../../core/detector/detector.ts'
import { severities } from '../../core/detector/finding.ts'
import { durationMs } from '../../core/time/duration.ts'
import { markOf, type PaneCells, type TokenWindow, usesOf } from './cells.ts'
import { type Claim, reasons } from './claim.ts'
import { type Sighting, sightingsOf } from './client.ts'
import type { Config } from './config.ts'
import type { Evidence } from './evidence.ts'
import {
  judgeLearnedAudience,
  judgeLife,
  judgeLogout,
  judgeSureAudience,
  logoutOf,
  misusedServices,
} from './judge-claims.ts'
import { judgePlaces } from './judge-places.ts'

const placesShown = 5
const listed = 10

/** Everything that is wrong with the use of one token, or of one session after its log-out. */
export function judgeToken(window: TokenWindow, config: Config): Verdict<Evidence> | undefined {
  const logoutClaims = judgeLogout(window, config)
  if (window.entity.kind === 'session')
    return verdictOf(logoutClaims, window.total, logoutFacts(window, config))
  const places = judgePlaces(window, config)
  const sure = judgeSureAudience(window.total)
  const claims = [
    ...(places ? [places] : []),
    ...(sure.length > 0 ? sure : judgeLearnedAudience(window.total, window.memory.known)),
    ...judgeLife(window.total),
    ...logoutClaims,
  ]
  return verdictOf(claims, window.total, logoutClaims.length > 0 ? logoutFacts(window, config) : {})
}

/** What one minute proves for good: accepted outside its life, or outside an audience that config names. */
export function proveToken(cells: PaneCells, kind: string): Verdict<Evidence> | undefined {
  if (kind === 'session') return undefined
  return verdictOf([...judgeLife(cells), ...judgeSureAudience(cells)], cells, {})
}

type LogoutFacts = Partial<Pick<Evidence, 'logout_at' | 'uses_after_logout'>>

function logoutFacts(window: TokenWindow, config: Config): LogoutFacts {
  const logout = logoutOf(window)
  if (logout === undefined) return {}
  const dead = logout + durationMs(config.leeway)
  let uses = 0
  for (const { cells } of window.panes) {
    const use = markOf(cells.marks, 'use')
    if (!use || (use.last ?? 0) <= dead) continue
    // A minute that began alive surely holds one use after.
    uses += (use.first ?? 0) > dead ? usesOf(use) : 1
  }
  return { logout_at: iso(logout), uses_after_logout: uses }
}

function verdictOf(
  claims: readonly Claim[],
  cells: PaneCells,
  logout: LogoutFacts,
): Verdict<Evidence> | undefined {
  if (claims.length === 0) return undefined
  const found = new Set(claims.map(({ reason }) => reason))
  const strongest = Math.max(...claims.map(({ score }) => score))
  // A second thing that is wrong makes the first surer.
  const score = Math.round(Math.min(1, strongest + 0.03 * (found.size - 1)) * 100) / 100
  const severity =
    severities[Math.max(...claims.map((claim) => severities.indexOf(claim.severity)))] ?? 'medium'
  const places = claims.find(({ reason }) => reason === 'two_places')
  const use = markOf(cells.marks, 'use')
  const subject = mostUsed(cells.subjects)
  const shown = places?.pair
    ? [...places.pair[0].slice(0, 3), ...places.pair[1].slice(0, 2)]
    : sightingsOf(cells.places.rows())
  return {
    score,
    severity,
    evidence: {
      reasons: reasons.filter((reason) => found.has(reason)),
      ...(places?.basis ? { basis: places.basis } : {}),
      alternations: places?.alternations ?? 0,
      places: shown.slice(0, placesShown).map(placeEvidence),
      uses: use ? usesOf(use) : 0,
      services: misusedServices(cells).slice(0, listed),
      audience: cells.audience
        .rows()
        .map(({ key }) => key)
        .sort()
        .slice(0, listed),
      ...(subject === undefined ? {} : { subject }),
      issuers: cells.issuers
        .rows()
        .map(({ key }) => key)
        .sort(),
      uses_after_logout: 0,
      ...logout,
      late_by_s: Math.round((markOf(cells.marks, 'late')?.by ?? 0) / 1000),
      early_by_s: Math.round((markOf(cells.marks, 'early')?.by ?? 0) / 1000),
    },
  }
}

function placeEvidence(place: Sighting): Evidence['places'][number] {
  return {
    address: place.address,
    network: place.network,
    user_agent: place.agent.slice(0, 60),
    tls: place.tls,
    country: place.country,
    asn: Math.trunc(place.asn ?? 0),
    first: iso(Math.min(...place.instants)),
    last: iso(Math.max(...place.instants)),
    uses: place.uses,
  }
}

function mostUsed(subjects: PaneCells['subjects']): string | undefined {
  const [first] = [...subjects.rows()].sort(
    (left, right) => (right.uses ?? 0) - (left.uses ?? 0) || (left.key < right.key ? -1 : 1),
  )
  return first?.key
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
