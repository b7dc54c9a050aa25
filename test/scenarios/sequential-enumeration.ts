import type { Event } from '../../core/event/event.ts'
import { benignTraffic } from './benign-traffic.ts'
import { seededRandom } from './random.ts'

const start = Date.UTC(2026, 2, 9, 10)
const minute = 60_000

export interface WalkOptions {
  readonly seed: number
  readonly start: number
  readonly durationMs: number
  readonly principal: string
  readonly ip: string
  /** Ids in the order in which they are asked for. */
  readonly ids: readonly string[]
  /** Share of the objects that are refused (403) and that don't exist (404). */
  readonly refusedShare: number
  readonly missedShare: number
  readonly type?: string
}

/** One caller asks for one id after another, evenly spread over the time. */
export function walk(options: WalkOptions): Event[] {
  const { ids, durationMs, principal, ip, type = 'invoices' } = options
  const random = seededRandom(options.seed)
  return ids.map((id, index) => {
    const luck = random.next()
    const missed = luck < options.missedShare
    const refused = !missed && luck < options.missedShare + options.refusedShare
    return {
      time: Math.floor(options.start + (index / ids.length) * durationMs + random.next() * 200),
      kind: 'http',
      vantage: 'edge',
      gateway: 'edge-1',
      method: 'GET',
      host: 'api.example',
      route: `/${type}/{id}`,
      path: `/${type}/${id}`,
      status: missed ? 404 : refused ? 403 : 200,
      'client.ip': ip,
      'client.user_agent': 'python-requests/2.32',
      'principal.id': principal,
      'object.type': type,
      'object.id': id,
    }
  })
}

function range(from: number, count: number, stride = 1): string[] {
  return Array.from({ length: count }, (_, index) => String(from + index * stride))
}

const background = benignTraffic({ seed: 11, start, durationMs: 30 * minute, clients: 60 })
const mallory = {
  seed: 1,
  start: start + 5 * minute,
  durationMs: 4 * minute,
  principal: 'mallory',
  ip: '203.0.113.50',
}
const shares = { refusedShare: 0.5, missedShare: 0.1 }

function mixed(...parts: readonly (readonly Event[])[]): Event[] {
  return [background, ...parts].flat().sort((left, right) => left.time - right.time)
}

const attack = walk({ ...mallory, ...shares, ids: range(48_200, 120) })
const shuffledIds = seededRandom(3).shuffle(range(48_200, 120))
const worker = { ...mallory, ip: '198.51.100.77', refusedShare: 0, missedShare: 0 }

/** UUID version 7 with a time part that grows by one millisecond, as RFC 9562 section 5.7 lays it out. */
function uuidV7(count: number): string[] {
  const random = seededRandom(9)
  const hex = (length: number) => Array.from({ length }, () => random.int(0, 15).toString(16)).join('')
  return Array.from({ length: count }, (_, index) => {
    const time = (start - 86_400_000 + index).toString(16).padStart(12, '0')
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-8${hex(3)}-${hex(12)}`
  })
}

export interface VisitsOptions {
  readonly seed: number
  readonly start: number
  readonly durationMs: number
  /** Paths in the order in which they are asked for, as templates with the id at `{id}`. */
  readonly visits: readonly { readonly route: string; readonly id: string; readonly status?: number }[]
  readonly ip: string
  readonly agent: string
}

/** Requests of one address without identity, evenly spread, with just what an nginx log tells. */
export function anonymousVisits({
  seed,
  start: from,
  durationMs,
  visits,
  ip,
  agent,
}: VisitsOptions): Event[] {
  const random = seededRandom(seed)
  return visits.map(({ route, id, status = 200 }, index) => ({
    time: Math.floor(from + (index / visits.length) * durationMs + random.next() * 200),
    kind: 'http',
    method: 'GET',
    route,
    path: route.replace(/\{id\}([^{}]*)$/, `${id}$1`),
    status,
    'client.ip': ip,
    'client.user_agent': agent,
    'object.type': route.split('/')[1] ?? '',
    'object.id': id,
  }))
}

/** A client that asks for pages of a list, and after each page for the details of its rows. */
export function listReader(
  pages: number,
  rows: number,
  options: Omit<WalkOptions, 'ids' | 'durationMs'>,
): Event[] {
  return Array.from({ length: pages }, (_, page) => {
    const at = options.start + page * minute
    const details = walk({
      ...options,
      start: at + 1000,
      durationMs: 40_000,
      ids: range(10_000 + page * rows, rows),
    })
    const [{ 'object.id': _id, 'object.type': _type, ...like }] = details as [Event]
    return [{ ...like, time: at, route: '/invoices', path: '/invoices', status: 200 }, ...details]
  }).flat()
}

const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Firefox/133.0'
const shoppers = benignTraffic({ seed: 12, start, durationMs: 30 * minute, clients: 12 })

function among(...parts: readonly (readonly Event[])[]): Event[] {
  return [shoppers, ...parts].flat().sort((left, right) => left.time - right.time)
}

/** Visits of products drawn at random, small numbers more often: what many people in one office look at. */
function popular(seed: number, count: number, catalogue: number, missedShare: number) {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => ({
    route: '/products/{id}',
    id: String(Math.ceil(random.next() ** 1.5 * catalogue)),
    status: random.chance(missedShare) ? 404 : 200,
  }))
}

const office = {
  seed: 41,
  start: start + minute,
  durationMs: 18 * minute,
  ip: '198.51.100.200',
  agent: browser,
}

export default {
  attack: mixed(attack),
  'attack-shuffled': mixed(walk({ ...mallory, ...shares, ids: shuffledIds })),
  'attack-stride-and-prefix': mixed(
    walk({ ...mallory, ...shares, ids: range(7000, 80, 10).map((id) => `INV-${id}`) }),
  ),
  'attack-uuid-v7': mixed(walk({ ...mallory, refusedShare: 0, missedShare: 0.9, ids: uuidV7(90) })),
  'below-threshold': mixed(walk({ ...mallory, ...shares, ids: range(48_200, 29) })),
  'low-and-slow': mixed(
    walk({ ...mallory, ...shares, start, durationMs: 8 * 60 * minute, ids: range(48_200, 160) }),
  ),
  'lookalike-paging': mixed(
    walk({ ...worker, principal: 'reporting', ids: range(1, 200), type: 'page' }),
    walk({ ...worker, principal: 'reporting', ids: range(90_000, 60) }),
  ),
  'lookalike-nightly-sync': mixed(
    walk({
      ...worker,
      principal: 'sync-bot',
      ids: Array.from({ length: 350 }, (_, index) =>
        String(seededRandom(900 + index).int(100_000, 999_999)),
      ).sort(),
    }),
  ),
  'lookalike-own-records': mixed(
    walk({ ...worker, principal: 'erp', ids: range(500, 300) }).map((event) => ({
      ...event,
      'principal.tenant': 'acme',
      'object.tenant': 'acme',
    })),
  ),
  'lookalike-uuid-v4': mixed(
    walk({
      ...worker,
      principal: 'mobile',
      ids: Array.from({ length: 200 }, (_, index) => {
        const random = seededRandom(500 + index)
        const hex = (length: number) => Array.from({ length }, () => random.int(0, 15).toString(16)).join('')
        return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`
      }),
    }),
  ),
  'attack-served': among(
    walk({ ...mallory, refusedShare: 0, missedShare: 0, ids: seededRandom(6).shuffle(range(7200, 150)) }),
  ),
  'attack-served-below': among(
    walk({ ...mallory, refusedShare: 0, missedShare: 0, ids: seededRandom(6).shuffle(range(7200, 79)) }),
  ),
  'attack-several-routes': among(
    ...['users', 'cards', 'invoices'].map((type, index) =>
      walk({ ...mallory, ...shares, seed: 50 + index, type, ids: range(300 + index * 1000, 20) }),
    ),
  ),
  'attack-without-identity': among(
    anonymousVisits({
      ...office,
      durationMs: 6 * minute,
      agent: 'python-requests/2.32',
      visits: range(1, 70).map((id, index) => ({
        route: '/users/{id}/cards/{id}'.replace('{id}', id),
        id: '1',
        status: index % 3 === 0 ? 200 : 401,
      })),
    }).map((event) => ({ ...event, route: '/users/{id}/cards/{id}' })),
  ),
  'attack-among-own-requests': among(
    walk({ ...mallory, refusedShare: 0.6, missedShare: 0.1, ids: range(48_200, 60) }),
    walk({
      ...mallory,
      seed: 2,
      refusedShare: 0,
      missedShare: 0,
      ids: Array.from({ length: 300 }, (_, index) => String(seededRandom(70 + index).int(40_000, 60_000))),
    }),
  ),
  'low-and-slow-served': walk({
    ...mallory,
    refusedShare: 0,
    missedShare: 0,
    start,
    durationMs: 60 * minute,
    ids: range(48_200, 240),
  }),
  'lookalike-list-reader': among(
    listReader(10, 50, {
      ...worker,
      start: Math.floor(start / (10 * minute)) * 10 * minute,
      principal: 'reporting',
    }),
  ),
  'lookalike-office': among(anonymousVisits({ ...office, visits: popular(42, 780, 200, 0.03) })),
  'lookalike-crawler': among(
    anonymousVisits({
      ...office,
      durationMs: 9 * minute,
      agent: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
      visits: range(1, 500).map((id, index) => ({
        route: '/products/{id}',
        id,
        status: index % 9 === 0 ? 404 : 200,
      })),
    }),
  ),
  'lookalike-video': among(
    anonymousVisits({
      ...office,
      visits: range(1, 300).map((id) => ({ route: '/vod/8812/{id}.ts', id: `segment-${id}` })),
    }).map((event) => ({ ...event, route: '/vod/{id}/{id}.ts' })),
  ),
  'lookalike-scattered-sync': among(
    walk({
      ...worker,
      principal: 'sync-bot',
      missedShare: 0.15,
      ids: seededRandom(8).shuffle(range(10_000, 2000)).slice(0, 400).sort(),
    }),
  ),
}
