import { createHash } from 'node:crypto'
import type { Entity } from '../../core/entity/entity.ts'
import type { Event } from '../../core/event/event.ts'
import { benignTraffic } from './benign-traffic.ts'
import { brokenDeploy, forgotPassword, logInEvent, people, stuffing } from './credential-stuffing.ts'
import { fixtureText } from './fixture-text.ts'
import { issuedToken, logOut, phoneMoves, steadyUse, stolenToken, tokenUse } from './jti-reuse.ts'
import { type Random, seededRandom } from './random.ts'
import { walk } from './sequential-enumeration.ts'
import { clients } from './token-clients.ts'
import { webhookForgery, webhookReplay, webhookTraffic } from './webhook-skew.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
/** A Monday morning, when offices log in. */
const start = Date.UTC(2026, 2, 9, 8)
const at = (minutes: number) => start + minutes * minute

/** One story of the recorded hour. */
export interface Part {
  readonly what: string
  readonly events: readonly Event[]
  /** Who is to be blamed, and by which detector; without it, it looks like an attack and is none. */
  readonly blamed?: { readonly detector: string; readonly entity: Entity }
  /** What a detector may note about it (severity `info`). */
  readonly noted?: { readonly detector: string; readonly entity: Entity }
}

/** Homes lie in the network of RFC 2544, which is large enough for everybody to have an address. */
const homeIp = (index: number) =>
  `198.18.${(index * 37) % 251}.${1 + ((Math.floor(index / 251) * 11 + index) % 250)}`
const botIp = (_index: number, random: Random) => `198.19.${random.int(0, 255)}.${random.int(1, 254)}`

const shoppers = benignTraffic({
  seed: 1,
  start,
  durationMs: hour,
  clients: 4600,
  prefix: 'c-',
  ipOf: homeIp,
})

/** What the order service logs of the requests that reach it: the gateway's address, the same trace. */
function alsoAtService(events: readonly Event[]): Event[] {
  return events.flatMap((event, index) => {
    if (event.route !== '/orders/{id}') return [event]
    const trace = createHash('sha256').update(`trace ${index}`).digest('hex').slice(0, 16)
    const { gateway: _gateway, 'client.ja4': _ja4, ...seen } = event
    const service = { ...seen, trace, vantage: 'service', service: 'orders', 'client.ip': '10.0.3.17' }
    return [
      { ...event, trace },
      { ...service, time: event.time + 3 },
    ]
  })
}

const background: readonly Part[] = [
  { what: 'Shoppers look at products and at their own orders', events: alsoAtService(shoppers) },
]

/** An address that forty people of a coworking space share. */
const coworkingIp = '203.0.113.200'
const coworking = benignTraffic({
  seed: 2,
  start,
  durationMs: hour,
  clients: 40,
  prefix: 'cowork-',
  ipOf: () => coworkingIp,
})

const stuffingAttacks: readonly Part[] = [
  {
    what: 'A list of leaked passwords is tried from one address',
    blamed: { detector: 'credential-stuffing', entity: { kind: 'ip', id: '203.0.113.50' } },
    events: stuffing({
      seed: 22,
      start: at(44),
      durationMs: 9 * minute,
      tries: 180,
      ipOf: () => '203.0.113.50',
      hits: [61, 140],
      again: true,
    }),
  },
  {
    what: 'The same, spread over hundreds of addresses, none of them loud',
    blamed: { detector: 'credential-stuffing', entity: { kind: 'route', id: '/login' } },
    events: stuffing({
      seed: 23,
      start: at(24),
      durationMs: 10 * minute,
      tries: 700,
      ipOf: botIp,
      ja4: (_index, random) =>
        `t13d${random.int(1000, 9999)}h2_${random.int(0x100000, 0xffffff).toString(16)}`,
    }),
  },
  {
    what: 'The same from an address that forty honest people share: found, but throttling it would hit them',
    blamed: { detector: 'credential-stuffing', entity: { kind: 'ip', id: coworkingIp } },
    events: [
      ...coworking,
      ...stuffing({ seed: 24, start: at(36), durationMs: 5 * minute, tries: 120, ipOf: () => coworkingIp }),
    ],
  },
]

function numbers(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(from + index))
}

const enumerationAttacks: readonly Part[] = [
  {
    what: 'A leaked API key walks invoices in the order of their numbers',
    blamed: { detector: 'sequential-enumeration', entity: { kind: 'key', id: 'key-7f3a' } },
    events: walk({
      seed: 31,
      start: at(6),
      durationMs: 4 * minute,
      principal: '',
      ip: '203.0.113.61',
      ids: numbers(48_200, 150),
      refusedShare: 0.5,
      missedShare: 0.1,
    }).map(({ 'principal.id': _principal, ...event }) => ({ ...event, 'key.id': 'key-7f3a' })),
  },
  {
    what: 'A customer walks the invoices of others, out of order',
    blamed: { detector: 'sequential-enumeration', entity: { kind: 'principal', id: 'mallory' } },
    events: walk({
      seed: 32,
      start: at(38),
      durationMs: 6 * minute,
      principal: 'mallory',
      ip: '203.0.113.62',
      ids: seededRandom(33).shuffle(numbers(1_730_400, 240)),
      refusedShare: 0.7,
      missedShare: 0.1,
    }),
  },
  {
    what: 'A partner whom the operator protects does it too: found and paged, not stopped',
    blamed: { detector: 'sequential-enumeration', entity: { kind: 'principal', id: 'partner-acme' } },
    events: walk({
      seed: 34,
      start: at(18),
      durationMs: 7 * minute,
      principal: 'partner-acme',
      ip: '203.0.113.63',
      ids: numbers(600, 90),
      refusedShare: 0.2,
      missedShare: 0.1,
      type: 'customers',
    }),
  },
]

/** A token is used, logged out, and used again twenty minutes later from elsewhere. */
function usedAfterLogOut(): Event[] {
  const token = issuedToken('tok-logged-out', at(3))
  const use = { token, durationMs: 10 * minute }
  return [
    ...tokenUse({ ...use, seed: 41, client: clients.browser, start: at(3), uses: 14 }),
    logOut(token, clients.browser, at(14)),
    ...tokenUse({ ...use, seed: 42, client: clients.script, start: at(35), uses: 9 }),
  ]
}

const tokenAttacks: readonly Part[] = [
  {
    what: 'A stolen token is used elsewhere while its owner goes on',
    blamed: { detector: 'jti-reuse', entity: { kind: 'token', id: 'tok-stolen' } },
    events: stolenToken(43, at(12), 'tok-stolen'),
  },
  {
    what: 'A token is used after its owner logged out',
    blamed: { detector: 'jti-reuse', entity: { kind: 'token', id: 'tok-logged-out' } },
    events: usedAfterLogOut(),
  },
]

const payments = webhookTraffic({ seed: 51, start, count: 380, everyMs: 9 * second, provider: 'paywell' })
const captured = payments.filter(({ status, time }) => status === 200 && time < at(12)).slice(0, 14)
const parcels = webhookTraffic({
  seed: 52,
  start,
  count: 110,
  everyMs: 30 * second,
  provider: 'parcelo',
  ips: ['198.51.100.60'],
})

/** Timestamps far ahead and far behind, from an address that delivers nothing else. */
function skewed(): Event[] {
  const random = seededRandom(53)
  return webhookTraffic({
    seed: 54,
    start: at(40),
    count: 16,
    everyMs: 20 * second,
    provider: 'parcelo',
    ips: ['203.0.113.72'],
  }).map((event, index) => ({
    ...event,
    'webhook.timestamp': event.time + (index % 2 === 0 ? 1 : -1) * random.int(20, 180) * minute,
  }))
}

const webhookAttacks: readonly Part[] = [
  {
    what: 'Captured payment notices are sent again',
    blamed: { detector: 'webhook-skew', entity: { kind: 'provider', id: 'paywell' } },
    events: [
      ...payments,
      ...webhookReplay({ seed: 55, start: at(47), everyMs: 15 * second, captured, ip: '203.0.113.71' }),
    ],
  },
  {
    what: 'Deliveries with timestamps hours off, both ways',
    blamed: { detector: 'webhook-skew', entity: { kind: 'provider', id: 'parcelo' } },
    events: [...parcels, ...skewed()],
  },
  {
    what: 'One address makes deliveries up, with signatures that are wrong',
    blamed: { detector: 'webhook-skew', entity: { kind: 'ip', id: '203.0.113.73' } },
    events: webhookForgery({
      seed: 56,
      start: at(28),
      count: 130,
      everyMs: 4 * second,
      provider: 'mailcrew',
    }).map((event) => ({ ...event, 'client.ip': '203.0.113.73' })),
  },
]

const logInLookAlikes: readonly Part[] = [
  {
    what: 'An office behind one address logs in on Monday morning',
    events: people({
      seed: 61,
      start,
      durationMs: 20 * minute,
      count: 250,
      typoShare: 0.2,
      giveUpShare: 0.03,
      ip: '192.0.2.10',
    }),
  },
  {
    what: 'One person has forgotten the password',
    events: forgotPassword({ seed: 62, start: at(20), failures: 30, ip: '192.0.2.77' }),
  },
  {
    what: 'A deploy breaks the log-in of the partner portal for eight minutes',
    events: brokenDeploy({
      seed: 63,
      start,
      durationMs: hour,
      count: 80,
      brokenAt: at(28),
      fixedAt: at(36),
    }).map((event) => ({ ...event, route: '/portal/login', path: '/portal/login' })),
  },
  {
    what: 'A build server goes on with a password that was changed',
    events: Array.from({ length: 300 }, (_, index) =>
      logInEvent({
        time: start + index * 12 * second,
        account: 'ci@mail.example',
        ip: '192.0.2.90',
        ok: false,
      }),
    ),
  },
]

const worker = { durationMs: 10 * minute, ip: '192.0.2.40', refusedShare: 0, missedShare: 0 }
const walkLookAlikes: readonly Part[] = [
  {
    what: 'A reporting client pages through a list',
    events: walk({
      ...worker,
      seed: 71,
      start: at(9),
      principal: 'reporting',
      ids: numbers(1, 300),
      type: 'page',
    }),
  },
  {
    what: 'A nightly sync fetches its own scattered objects',
    events: walk({
      ...worker,
      seed: 72,
      start: at(22),
      principal: 'sync-bot',
      ids: numbers(0, 500)
        .map((index) => String(seededRandom(900 + Number(index)).int(100_000, 999_999)))
        .sort(),
    }),
  },
  {
    what: 'An ERP system reads the records of its own tenant in order',
    events: walk({ ...worker, seed: 73, start: at(34), principal: 'erp', ids: numbers(500, 400) }).map(
      (event) => ({
        ...event,
        'principal.tenant': 'acme',
        'object.tenant': 'acme',
      }),
    ),
  },
  {
    what: 'A cache warmer on the allow list walks all products',
    events: walk({
      ...worker,
      seed: 74,
      start: at(2),
      durationMs: 50 * minute,
      principal: 'cache-warmer',
      ids: numbers(1, 2500),
      type: 'products',
    }),
  },
]

/** The client goes on with an expired token, is refused, and tries again. */
function retriesExpired(): Event[] {
  const token = issuedToken('tok-expired', at(5), 12 * minute)
  const use = { token, client: clients.phone, durationMs: 10 * minute }
  return [
    ...tokenUse({ ...use, seed: 85, start: at(5), uses: 20 }),
    ...tokenUse({ ...use, seed: 86, start: at(18), uses: 30 }).map((event) => ({
      ...event,
      status: 401,
      'token.error': 'expired',
    })),
  ]
}

const tokenLookAlikes: readonly Part[] = [
  { what: 'A phone changes networks once', events: phoneMoves(81, at(16), 'tok-phone') },
  {
    what: 'One device speaks IPv4 and IPv6',
    events: steadyUse(82, at(8), 'tok-dual-stack', clients.dualStack),
  },
  {
    what: 'A company leaves through a pool of addresses',
    events: steadyUse(83, at(10), 'tok-egress', clients.egressPool),
  },
  { what: 'Many pods share one machine token', events: steadyUse(84, at(14), 'tok-pods', clients.pods) },
  { what: 'An app retries with an expired token and is refused', events: retriesExpired() },
]

/** The provider fails to reach us for a while and sends each delivery again later. */
function providerRetries(): Event[] {
  const traffic = webhookTraffic({
    seed: 91,
    start,
    count: 160,
    everyMs: 20 * second,
    provider: 'chatterbox',
    ips: ['198.51.100.90', '198.51.100.91'],
  })
  return traffic.flatMap((event) =>
    event.time < at(15) || event.time > at(21)
      ? [event]
      : [
          { ...event, status: 503 },
          { ...event, time: event.time + 12 * minute },
        ],
  )
}

const webhookLookAlikes: readonly Part[] = [
  { what: 'A provider sends again what we failed to take', events: providerRetries() },
  {
    what: 'The clock of a provider runs seven minutes ahead',
    noted: { detector: 'webhook-skew', entity: { kind: 'provider', id: 'old-clock' } },
    events: webhookTraffic({
      seed: 92,
      start,
      count: 170,
      everyMs: 20 * second,
      provider: 'old-clock',
      ips: ['198.51.100.95'],
      driftMs: 7 * minute,
    }),
  },
]

/** Everything that happens in the hour: traffic, attacks, and what looks like them. */
export const demoParts: readonly Part[] = [
  ...background,
  ...stuffingAttacks,
  ...enumerationAttacks,
  ...tokenAttacks,
  ...webhookAttacks,
  ...logInLookAlikes,
  ...walkLookAlikes,
  ...tokenLookAlikes,
  ...webhookLookAlikes,
]

/** The recorded hour as canonical NDJSON in the order of time; the same on every machine. */
export function demoRecording(): string {
  const events = demoParts
    .flatMap((part) => part.events)
    .map((event) => ({ ...event, time: Math.floor(event.time) }))
    .filter(({ time }) => time < start + hour)
    .sort((left, right) => left.time - right.time)
  return fixtureText(events)
}
