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
      ids: Array.from({ length: 400 }, (_, index) =>
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
}
