import type { Event } from '../../core/event/event.ts'
import { type Random, seededRandom } from './random.ts'

export interface BenignTraffic {
  readonly seed: number
  /** Epoch milliseconds. */
  readonly start: number
  readonly durationMs: number
  readonly clients: number
  /** Before the names of principals and tokens, where streams are mixed. */
  readonly prefix?: string
  /** Address of a client; by default one of a few small networks, so several clients share one. */
  readonly ipOf?: (index: number) => string
}

const browsers = [
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0',
    't13d1516h2_8daaf6152771_02713d6af862',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1',
    't13d2014h2_a09f3c656075_14788d8d241b',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Firefox/133.0', 't13d1715h2_5b57614c22b0_7121afd63204'],
  ['ShopApp/7.2 (Android 15)', 't13d1312h2_f57a46bbacb6_ab7e3b40a677'],
] as const

interface Shopper {
  readonly id: string
  readonly ip: string
  readonly agent: (typeof browsers)[number]
  readonly jti: string
  readonly orders: readonly number[]
}

function shopper(random: Random, index: number, { start, prefix = '', ipOf }: BenignTraffic): Shopper {
  const ip = random.chance(0.1)
    ? `2001:db8:${random.int(1, 4000).toString(16)}:${random.int(0, 255).toString(16)}::${random.int(1, 999).toString(16)}`
    : `${random.pick(['198.51.100', '203.0.113', '192.0.2', '198.18.7', '198.19.3'])}.${random.int(1, 254)}`
  return {
    id: `${prefix}user-${index}`,
    ip: ipOf?.(index) ?? ip,
    agent: random.pick(browsers),
    jti: `${prefix}jti-${index}-${start % 100_000}`,
    orders: Array.from({ length: random.int(0, 8) }, () => random.int(1_000_000, 9_000_000)),
  }
}

/** A log-in as the gateway sees it, with the account that the service tells: some mistype once. */
function logIn(random: Random, who: Shopper, time: number): Event[] {
  const base = (at: number, ok: boolean): Event => ({
    time: at,
    kind: 'auth',
    vantage: 'edge',
    gateway: 'edge-1',
    method: 'POST',
    host: 'shop.example',
    route: '/login',
    path: '/login',
    status: ok ? 200 : 401,
    'client.ip': who.ip,
    'client.user_agent': who.agent[0],
    'client.ja4': who.agent[1],
    'auth.account': `${who.id}@mail.example`,
    'auth.outcome': ok ? 'success' : 'failure',
  })
  const events = random.chance(0.08) ? [base(time, false)] : []
  return [...events, base(time + events.length * random.int(4000, 20_000), true)]
}

function request(random: Random, who: Shopper, time: number, authenticated: boolean): Event {
  const own = who.orders.length > 0 && random.chance(0.3)
  const [type, id] = own
    ? ['orders', random.pick(who.orders)]
    : ['products', Math.floor(random.next() ** 3 * 40_000)]
  return {
    time,
    kind: 'http',
    vantage: 'edge',
    gateway: 'edge-1',
    method: 'GET',
    host: 'shop.example',
    route: `/${type}/{id}`,
    path: `/${type}/${id}`,
    status: random.chance(0.01) ? 404 : random.chance(0.003) ? 502 : 200,
    latency_ms: Math.round(10 + random.gap(40)),
    'client.ip': who.ip,
    'client.user_agent': who.agent[0],
    'client.ja4': who.agent[1],
    'object.type': String(type),
    'object.id': String(id),
    ...(authenticated
      ? {
          'principal.id': who.id,
          'token.jti': who.jti,
          'token.iss': 'https://id.example',
          'token.aud': ['https://shop.example'],
        }
      : {}),
  }
}

/** Shoppers who look at products and at their own orders: no attack in it, in the order of time. */
export function benignTraffic(options: BenignTraffic): Event[] {
  const { seed, start, durationMs, clients } = options
  const random = seededRandom(seed)
  const events: Event[] = []
  for (let index = 0; index < clients; index++) {
    const who = shopper(random, index, options)
    const authenticated = random.chance(0.7)
    let time = start + random.next() * durationMs
    if (authenticated) events.push(...logIn(random, who, Math.floor(time)))
    time += 30_000
    for (let count = random.int(2, 25); count > 0; count--) {
      if (time < start + durationMs) events.push(request(random, who, Math.floor(time), authenticated))
      time += random.gap(25_000)
    }
  }
  return events
    .filter((event) => event.time < start + durationMs)
    .sort((left, right) => left.time - right.time)
}
