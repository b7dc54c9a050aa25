import type { Event } from '../../core/event/event.ts'
import { type Random, seededRandom } from './random.ts'
import { clients, type TokenClient } from './token-clients.ts'

const minute = 60_000
const hour = 60 * minute

export interface IssuedToken {
  readonly jti: string
  readonly subject: string
  readonly audience: readonly string[]
  /** Epoch milliseconds. */
  readonly issued: number
  readonly expires: number
}

/** A stretch of one client's use of a token. */
export interface TokenUse {
  readonly seed: number
  readonly token: IssuedToken
  readonly client: TokenClient
  readonly start: number
  readonly durationMs: number
  readonly uses: number
  readonly service?: string
}

/** A token for the order and billing services that lives from a minute before `start`. */
export function issuedToken(jti: string, start: number, lifeMs = 12 * hour): IssuedToken {
  const issued = start - minute
  return { jti, subject: `user-of-${jti}`, audience: ['orders', 'billing'], issued, expires: issued + lifeMs }
}

/** Requests with the token, spread over the stretch, as the edge sees them; every fourth also as its service does. */
export function tokenUse({
  seed,
  token,
  client,
  start,
  durationMs,
  uses,
  service = 'orders',
}: TokenUse): Event[] {
  const random = seededRandom(seed)
  return Array.from({ length: uses }, (_, index) => {
    const at = Math.floor(start + ((index + random.next() * 0.8) * durationMs) / uses)
    const edge = seenAtEdge(random, token, client, at, service)
    return index % 4 === 0 ? [edge, seenByService(edge)] : [edge]
  }).flat()
}

function seenAtEdge(
  random: Random,
  token: IssuedToken,
  client: TokenClient,
  time: number,
  service: string,
): Event {
  const address = random.pick(client.addresses)
  return {
    time,
    kind: 'http',
    vantage: 'edge',
    gateway: 'edge-1',
    service,
    trace: `${random.int(1, 2 ** 30).toString(16)}${time.toString(16)}`,
    method: 'GET',
    route: `/${service}/{id}`,
    path: `/${service}/${random.int(1000, 9000)}`,
    status: random.chance(0.04) ? 404 : 200,
    'client.ip': address.ip,
    ...(address.asn === undefined ? {} : { 'client.asn': address.asn, 'client.country': address.country }),
    ...(client.userAgent === undefined ? {} : { 'client.user_agent': client.userAgent }),
    ...(client.ja4 === undefined ? {} : { 'client.ja4': client.ja4 }),
    'principal.id': token.subject,
    'token.jti': token.jti,
    'token.iss': 'https://id.example',
    'token.aud': token.audience,
    'token.iat': token.issued,
    'token.exp': token.expires,
  }
}

/** The service sees the gateway's address and no handshake, a few milliseconds later. */
function seenByService(edge: Event): Event {
  const {
    gateway: _gateway,
    'client.ja4': _ja4,
    'client.asn': _asn,
    'client.country': _country,
    ...rest
  } = edge
  return { ...rest, time: edge.time + 4, vantage: 'service', 'client.ip': '10.0.3.17' }
}

/** The owner logs out: the identity service tells. */
export function logOut(token: IssuedToken, client: TokenClient, time: number): Event {
  return {
    time,
    kind: 'auth',
    vantage: 'service',
    service: 'identity',
    method: 'POST',
    path: '/logout',
    status: 204,
    'client.ip': client.addresses[0]?.ip ?? '10.0.3.17',
    'principal.id': token.subject,
    'token.jti': token.jti,
    'auth.outcome': 'logout',
  }
}

/** The verifier refuses these uses. */
export function refused(events: readonly Event[], error: string): Event[] {
  return events.map((event) => ({ ...event, status: 401, 'token.error': error }))
}

/** An owner at a browser, and a thief elsewhere who uses the token meanwhile. */
export function stolenToken(
  seed: number,
  start: number,
  jti = `stolen-${seed}`,
  thief: TokenClient = clients.script,
): Event[] {
  const token = issuedToken(jti, start)
  return inOrder([
    ...tokenUse({ seed, token, client: clients.browser, start, durationMs: 20 * minute, uses: 30 }),
    ...tokenUse({
      seed: seed + 1,
      token,
      client: thief,
      start: start + 6 * minute,
      durationMs: 9 * minute,
      uses: 24,
    }),
  ])
}

/** The same thief who begins half an hour after the owner is done: one change, which a handed-on link makes too. */
function handedOn(seed: number, start: number): Event[] {
  const token = issuedToken(`stolen-${seed}`, start)
  return inOrder([
    ...tokenUse({ seed, token, client: clients.browser, start, durationMs: 12 * minute, uses: 30 }),
    ...tokenUse({
      seed: seed + 1,
      token,
      client: clients.script,
      start: start + 45 * minute,
      durationMs: 9 * minute,
      uses: 24,
    }),
  ])
}

function lowAndSlow(seed: number, start: number): Event[] {
  const token = issuedToken('slow-1', start)
  const thief = {
    seed: seed + 1,
    token,
    client: clients.script,
    start: start + hour,
    durationMs: 10 * hour,
    uses: 4,
  }
  return inOrder([
    ...tokenUse({ seed, token, client: clients.browser, start, durationMs: 11 * hour, uses: 40 }),
    ...tokenUse(thief),
  ])
}

function afterLogOut(seed: number, start: number): Event[] {
  const token = issuedToken('logged-out-1', start)
  const late = { token, client: clients.script, start: start + 6 * hour, durationMs: 5 * minute }
  return inOrder([
    ...tokenUse({ seed, token, client: clients.browser, start, durationMs: 20 * minute, uses: 12 }),
    logOut(token, clients.browser, start + 20 * minute),
    ...refused(tokenUse({ seed: seed + 2, ...late, start: start + 2 * hour, uses: 5 }), 'revoked'),
    ...tokenUse({ seed: seed + 1, ...late, uses: 3 }),
  ])
}

function wrongAudience(seed: number, start: number): Event[] {
  const token = { ...issuedToken('aud-1', start), audience: ['orders'] }
  const use = { token, client: clients.browser, start, durationMs: 10 * minute }
  return inOrder([
    ...tokenUse({ seed, ...use, uses: 10 }),
    ...tokenUse({ seed: seed + 1, ...use, uses: 4, service: 'payroll' }),
  ])
}

function outsideLife(seed: number, start: number): Event[] {
  const early = { ...issuedToken('early-1', start), issued: start + 20 * minute }
  const late = issuedToken('late-1', start - 3 * hour, 2 * hour)
  return inOrder([
    ...tokenUse({ seed, token: early, client: clients.browser, start, durationMs: 5 * minute, uses: 3 }),
    ...tokenUse({ seed, token: late, client: clients.browser, start, durationMs: 5 * minute, uses: 3 }),
  ])
}

/** One device after another network: most of its requests end before the first from the new one. */
export function phoneMoves(seed: number, start: number, jti = 'phone-1'): Event[] {
  const token = issuedToken(jti, start)
  const { phone, phoneOnTheRoad } = clients
  return inOrder([
    ...tokenUse({ seed, token, client: phone, start, durationMs: 10 * minute, uses: 40 }),
    ...tokenUse({
      seed: seed + 1,
      token,
      client: phoneOnTheRoad,
      start: start + 10 * minute - 5000,
      durationMs: 10 * minute,
      uses: 40,
    }),
  ])
}

/** The browser was updated between two uses of one token. */
function updated(seed: number, start: number): Event[] {
  const token = issuedToken('updated-1', start)
  const after = { ...clients.browser, userAgent: clients.browser.userAgent?.replace('131.0', '132.0') }
  return inOrder([
    ...tokenUse({ seed, token, client: clients.browser, start, durationMs: 20 * minute, uses: 20 }),
    ...tokenUse({
      seed: seed + 1,
      token,
      client: after,
      start: start + 10 * minute,
      durationMs: 20 * minute,
      uses: 20,
    }),
  ])
}

/** A client that goes on with an expired token and is refused, then tries again and again. */
function retries(seed: number, start: number): Event[] {
  const token = issuedToken('retry-1', start, 10 * minute)
  const use = { seed, token, client: clients.phone, durationMs: 9 * minute }
  const good = tokenUse({ ...use, start, uses: 20 })
  return inOrder([
    ...good,
    ...good.slice(0, 10).map((event) => ({ ...event, time: event.time + 300 })),
    ...refused(tokenUse({ ...use, start: start + 12 * minute, uses: 30 }), 'expired'),
    ...refused(
      tokenUse({ ...use, client: clients.phoneOnTheRoad, start: start + 45 * minute, uses: 9 }),
      'expired',
    ),
  ])
}

/** All day long from several addresses, by turns: the same software each time. */
export function steadyUse(seed: number, start: number, jti: string, ...who: readonly TokenClient[]): Event[] {
  const token = issuedToken(jti, start)
  const use = { token, start, durationMs: 40 * minute, uses: Math.ceil(120 / who.length) }
  return inOrder(who.flatMap((client, index) => tokenUse({ seed: seed + index, client, ...use })))
}

function inOrder(events: readonly Event[]): Event[] {
  return [...events].sort((left, right) => left.time - right.time)
}

const start = Date.UTC(2026, 4, 12, 8, 3)
const attack = stolenToken(11, start)

export default {
  attack,
  'attack-shuffled': seededRandom(5).shuffle(attack),
  'attack-one-below': handedOn(11, start),
  'attack-low-and-slow': lowAndSlow(21, start),
  'attack-same-user-agent': stolenToken(31, start, 'copied-1', clients.disguised),
  'attack-after-log-out': afterLogOut(41, start),
  'attack-wrong-audience': wrongAudience(51, start),
  'attack-outside-life': outsideLife(61, start),
  'benign-phone-moves': phoneMoves(71, start),
  'benign-dual-stack': steadyUse(81, start, 'dual-1', clients.dualStack),
  'benign-egress-pool': steadyUse(91, start, 'pool-1', clients.egressPool),
  'benign-two-uplinks': steadyUse(141, start, 'office-1', clients.twoUplinks),
  'benign-retries': retries(101, start),
  'benign-browser-updated': updated(111, start),
  'benign-rendering-backend': steadyUse(121, start, 'ssr-1', clients.browser, clients.renderer),
  'benign-pods': steadyUse(131, start, 'm2m-1', clients.pods),
} satisfies Record<string, Event[]>
