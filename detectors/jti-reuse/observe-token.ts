import type { Emit, Emitted } from '../../core/detector/detector.ts'
import type { EventView } from '../../core/event/event.ts'
import { durationMs } from '../../core/time/duration.ts'
import { standingOf } from './audience.ts'
import type { memory, pane } from './cells.ts'
import type { Config } from './config.ts'
import { countryNumber } from './place.ts'
import { knownPlace } from './place-keys.ts'
import { type Use, useOf, useReads } from './use.ts'

export const tokenReads = [
  ...useReads,
  'service',
  'client.ip',
  'client.user_agent',
  'client.ja4',
  'client.asn',
  'client.country',
  'principal.id',
  'session.id',
  'token.jti',
  'token.iss',
  'token.aud',
  'token.iat',
  'token.exp',
] as const
type TokenEvent = EventView<(typeof tokenReads)[number]>
type TokenCells = Emitted<typeof pane, typeof memory>

/** What is observed depends on these settings. */
export function observedSettings(config: Config): Partial<Config> {
  const { window, retention, leeway, session_logouts, auth_routes, logout_routes } = config
  const { audiences, audience_mode, general_audiences, trusted_networks, trusted_user_agents } = config
  const audience = { audiences, audience_mode, general_audiences }
  const trusted = { trusted_networks, trusted_user_agents }
  return { window, retention, leeway, session_logouts, auth_routes, logout_routes, ...audience, ...trusted }
}

/** Notes what an event tells of the token it carries, and of the session where only that was logged out. */
export function observeToken(
  event: TokenEvent,
  emit: Emit<typeof pane, typeof memory>,
  config: Config,
): void {
  const jti = event['token.jti']
  const session = config.session_logouts ? event['session.id'] : undefined
  if (event.kind === 'finding' || (jti === undefined && session === undefined)) return
  const use = useOf(event, config)
  if (use === 'refused') return
  const known = knownPlace(event, config)
  const place = known.key
  const claims = use === 'accepted' ? claimsOf(event, config) : asClaimed
  // Nobody can be blamed for a token that one client used in one country, before its log-out and as it says itself.
  const suspicious = use === 'logout' || contradicts(claims)
  const token = emit('token', jti, suspicious ? undefined : known.sameness(event['client.country']))
  if (token) {
    noteSubject(event, token)
    if (place !== '') notePlace(event, use, token, place)
    noteLife(event, use, token)
    if (claims !== asClaimed) noteClaims(event, token, claims, config)
  }
  if (session === undefined) return
  // A log-out that names the token is judged on the token alone, so that one misuse has one culprit.
  if (use === 'login' || (use === 'accepted' && token) || (use === 'logout' && !token)) {
    const cells = emit('session', session, use === 'logout' ? undefined : '')
    if (!cells) return
    noteLife(event, use, cells)
    if (use !== 'accepted') return
    noteSubject(event, cells)
    if (place !== '') notePlace(event, use, cells, place)
  }
}

const once = { uses: 1 } as const
/** The two views of a use. */
const byEdge = { edge: 1, service: 0 } as const
const byService = { edge: 0, service: 1 } as const

function noteSubject(event: TokenEvent, cells: TokenCells): void {
  const { 'principal.id': subject, 'token.iss': issuer } = event
  if (subject) cells.subjects.add(subject.slice(0, 256), once)
  if (issuer) cells.issuers.add(issuer.slice(0, 256), once)
}

function notePlace(event: TokenEvent, use: Use, { places }: TokenCells, key: string): void {
  const service = event.vantage === 'service' ? 1 : 0
  places.add(key, {
    edge: 1 - service,
    service,
    accepted: use === 'accepted' || isKnown(event.status) ? 1 : 0,
    asn: event['client.asn'],
    country: countryNumber(event['client.country']),
  })
}

/** A request that was refused for other reasons than its token (403, 404, 409…) shows that the token was taken. */
function isKnown(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500
}

function noteLife(event: TokenEvent, use: Use, cells: TokenCells): void {
  if (use !== 'accepted' && use !== 'login' && use !== 'logout') return
  const mark = use === 'accepted' ? 'use' : use
  cells.marks.add(mark, seenBy(event))
}

/** How an accepted use stands to what the token says of itself. */
interface Claims {
  /** How far it lies before the token's issue and after its expiry, milliseconds; below 0 for neither. */
  readonly early: number
  readonly late: number
  /** How the serving service stands to the token's audience, where that says something. */
  readonly standing: 'hit' | 'miss' | 'alien' | 'sure' | undefined
}

/** Of a use that nothing speaks for or against. */
const asClaimed: Claims = { early: -1, late: -1, standing: undefined }

function claimsOf(event: TokenEvent, config: Config): Claims {
  const { time, service, 'token.iat': issued, 'token.exp': expires } = event
  if (issued === undefined && expires === undefined && service === undefined) return asClaimed
  const leewayMs = durationMs(config.leeway)
  const early = issued === undefined ? -1 : issued - time - leewayMs
  // Zero, or no later than the issue, is how some issuers write "never".
  const ends = expires !== undefined && expires > Math.max(0, issued ?? 0)
  return { early, late: ends ? time - expires - leewayMs : -1, standing: standingAt(event, config) }
}

function standingAt(event: TokenEvent, config: Config): Claims['standing'] {
  const { service, caller, 'token.aud': audience } = event
  // A service that the audience names may hand the token on to the services behind it.
  if (caller !== undefined && standingOf(caller, audience, config) === 'hit') return undefined
  const standing = standingOf(service, audience, config)
  return service === undefined || standing === 'general' ? undefined : standing
}

function contradicts({ early, late, standing }: Claims): boolean {
  return early > 0 || late > 0 || (standing !== undefined && standing !== 'hit')
}

function noteClaims(
  event: TokenEvent,
  cells: TokenCells,
  { early, late, standing }: Claims,
  config: Config,
): void {
  const leewayMs = durationMs(config.leeway)
  if (early > 0) cells.marks.add('early', { by: early + leewayMs, ...seenBy(event) })
  if (late > 0) cells.marks.add('late', { by: late + leewayMs, ...seenBy(event) })
  if (standing === undefined) return
  cells.services.add((event.service ?? '').slice(0, 128), { [standing]: 1 })
  if (standing === 'hit') return
  for (const entry of event['token.aud'] ?? []) cells.audience.add(entry.slice(0, 128), { uses: 1 })
}

function seenBy({ vantage }: TokenEvent): typeof byEdge | typeof byService {
  return vantage === 'service' ? byService : byEdge
}
