import type { Emit } from '../../core/detector/detector.ts'
import type { EventView } from '../../core/event/event.ts'
import { durationMs } from '../../core/time/duration.ts'
import { standingOf } from './audience.ts'
import type { MemoryCells, memory, PaneCells, pane } from './cells.ts'
import type { Config } from './config.ts'
import { isInfrastructure } from './infrastructure.ts'
import { addressOf, agentFamily, countryNumber, placeKey, tlsTrait } from './place.ts'
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
type TokenCells = PaneCells & MemoryCells

/** Length of a row of remembered places. */
const visitMs = 15 * 60_000

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
  const token = emit('token', jti)
  if (token) {
    notePlace(event, use, token, config)
    noteLife(event, use, token)
    if (use === 'accepted') noteClaims(event, token, config)
  }
  if (session === undefined) return
  // A log-out that names the token is judged on the token alone, so that one misuse has one culprit.
  if (use === 'login' || (use === 'accepted' && token) || (use === 'logout' && !token)) {
    const cells = emit('session', session)
    if (!cells) return
    noteLife(event, use, cells)
    if (use === 'accepted') notePlace(event, use, cells, config)
  }
}

/** A use by own infrastructure or from an unknown address has no place. */
function notePlace(event: TokenEvent, use: Use, cells: TokenCells, config: Config): void {
  const agent = event['client.user_agent'] ?? ''
  const address = addressOf(event['client.ip'] ?? '')
  if (event['principal.id']) cells.subjects.add(event['principal.id'].slice(0, 256), { uses: 1 })
  if (event['token.iss']) cells.issuers.add(event['token.iss'].slice(0, 256), { uses: 1 })
  if (address === '' || event.caller !== undefined || isInfrastructure(address, agent, config)) return
  const key = placeKey({ address, agent: agentFamily(agent), tls: tlsTrait(event['client.ja4'] ?? '') })
  const row = {
    ...seenAt(event),
    accepted: use === 'accepted' || isKnown(event.status) ? 1 : 0,
    asn: event['client.asn'],
    country: countryNumber(event['client.country']),
  }
  cells.places.add(key, row)
  cells.visits.add(`${Math.floor(event.time / visitMs)}|${key}`, row)
}

/** A request that was refused for other reasons than its token (403, 404, 409…) shows that the token was taken. */
function isKnown(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500
}

function noteLife(event: TokenEvent, use: Use, cells: TokenCells): void {
  if (use !== 'accepted' && use !== 'login' && use !== 'logout') return
  const mark = use === 'accepted' ? 'use' : use
  cells.marks.add(mark, seenAt(event))
  if (mark !== 'use') cells.life.add(mark, seenAt(event))
}

/** Compares an accepted use with what the token says of itself. */
function noteClaims(event: TokenEvent, cells: TokenCells, config: Config): void {
  const { time, service, caller } = event
  const [issued, expires, audience] = [event['token.iat'], event['token.exp'], event['token.aud']]
  const leewayMs = durationMs(config.leeway)
  const early = (issued ?? Number.NEGATIVE_INFINITY) - time
  if (early > leewayMs) cells.marks.add('early', { ...seenAt(event), by: early })
  // Zero, or no later than the issue, is how some issuers write "never".
  const ends = expires !== undefined && expires > Math.max(0, issued ?? 0)
  if (ends && time - expires > leewayMs) cells.marks.add('late', { ...seenAt(event), by: time - expires })
  // A service that the audience names may hand the token on to the services behind it.
  if (caller !== undefined && standingOf(caller, audience, config) === 'hit') return
  const standing = standingOf(service, audience, config)
  if (service === undefined || standing === undefined || standing === 'general') return
  const key = service.slice(0, 128)
  const row = { [standing]: 1 }
  cells.services.add(key, row)
  cells.known.add(key, row)
  if (standing !== 'hit')
    for (const entry of audience ?? []) cells.audience.add(entry.slice(0, 128), { uses: 1 })
}

function seenAt({ time, vantage }: TokenEvent) {
  const byService = vantage === 'service'
  return { first: time, last: time, edge: byService ? 0 : 1, service: byService ? 1 : 0 }
}
