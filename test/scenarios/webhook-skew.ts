import type { Event } from '../../core/event/event.ts'
import { seededRandom } from './random.ts'

export interface WebhookTraffic {
  readonly seed: number
  /** Epoch milliseconds. */
  readonly start: number
  readonly count: number
  /** Mean distance of deliveries, milliseconds. */
  readonly everyMs: number
  readonly provider?: string
  /** Sending addresses. */
  readonly ips?: readonly string[]
  /** What is added to the timestamp: a clock that is wrong. */
  readonly driftMs?: number
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const usualIps = ['192.0.2.10', '192.0.2.11', '198.51.100.20', '198.51.100.21']
const strangeIp = '203.0.113.66'
const morning = Date.UTC(2026, 2, 10, 8, 0, 7)

/** One delivery that was let in. */
function delivery(time: number, id: string, ip: string, provider = 'stripe'): Event {
  return {
    time,
    kind: 'webhook',
    vantage: 'edge',
    method: 'POST',
    route: `/webhooks/${provider}`,
    path: `/webhooks/${provider}`,
    status: 200,
    latency_ms: 40,
    'client.ip': ip,
    'webhook.provider': provider,
    'webhook.id': id,
    'webhook.timestamp': time - 1000,
    'webhook.signature': 'valid',
  }
}

/** A provider's ordinary deliveries: new ids, good signatures, fresh timestamps; a few fail and are retried. */
export function webhookTraffic(traffic: WebhookTraffic): Event[] {
  const { seed, start, count, everyMs, provider = 'stripe', ips = usualIps, driftMs = 0 } = traffic
  const random = seededRandom(seed)
  const events: Event[] = []
  let time = start
  for (let index = 0; index < count; index++) {
    time = Math.floor(time + random.gap(everyMs))
    const sent = time - random.int(200, 3000)
    const first = {
      ...delivery(time, `evt_${seed}_${index}`, random.pick(ips), provider),
      'webhook.timestamp': sent + driftMs,
      latency_ms: random.int(15, 400),
    }
    if (!random.chance(0.03)) events.push(first)
    // Failed, and retried from any of the provider's addresses with the timestamp of the first try.
    else
      events.push(
        { ...first, status: 503 },
        { ...first, time: time + 8 * minute, 'client.ip': random.pick(ips) },
      )
  }
  return byTime(events)
}

export interface WebhookReplay {
  readonly seed: number
  readonly start: number
  readonly everyMs: number
  /** Deliveries that were captured; each is sent once more. */
  readonly captured: readonly Event[]
  readonly ip?: string
}

/** An attacker sends captured deliveries again, as they were. */
export function webhookReplay({ seed, start, everyMs, captured, ip = strangeIp }: WebhookReplay): Event[] {
  const random = seededRandom(seed)
  return random.shuffle(captured).map((event, index) => ({
    ...event,
    time: Math.floor(start + index * everyMs),
    status: 200,
    latency_ms: random.int(15, 400),
    'client.ip': ip,
  }))
}

/** An attacker makes deliveries up: new ids, and a signature that can't be right. */
export function webhookForgery({
  seed,
  start,
  count,
  everyMs,
  provider = 'stripe',
}: WebhookTraffic): Event[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, index): Event => {
    const time = Math.floor(start + index * everyMs + random.int(0, 500))
    const made = delivery(time, `evt_forged_${seed}_${index}`, strangeIp, provider)
    return { ...made, status: 401, 'webhook.signature': 'invalid' }
  })
}

function byTime(events: readonly Event[]): Event[] {
  return [...events].sort((left, right) => left.time - right.time)
}

const usual = (count = 200, seed = 1) => webhookTraffic({ seed, start: morning, count, everyMs: 15 * second })
const captured = (count: number) =>
  usual()
    .filter(({ status }) => status === 200)
    .slice(0, count)

function replayed(count: number): Event[] {
  const attack = webhookReplay({
    seed: 5,
    start: morning + 40 * minute,
    everyMs: 20 * second,
    captured: captured(count),
  })
  return byTime([...usual(), ...attack])
}

/** Timestamps an hour ahead, and hours behind, from an address that never delivers otherwise. */
function skewed(): Event[] {
  const random = seededRandom(9)
  const odd = Array.from({ length: 12 }, (_, index) => {
    const time = morning + 30 * minute + index * 25 * second
    const sign = index % 2 === 0 ? 1 : -1
    return {
      ...delivery(time, `evt_odd_${index}`, strangeIp),
      'webhook.timestamp': time + sign * random.int(20, 180) * minute,
    }
  })
  return byTime([...usual(), ...odd])
}

function slowReplay(): Event[] {
  const traffic = webhookTraffic({ seed: 12, start: morning, count: 300, everyMs: 4 * minute })
  const old = traffic.filter(({ status }) => status === 200).slice(0, 12)
  const attack = webhookReplay({ seed: 13, start: morning + 4 * hour, everyMs: 14 * minute, captured: old })
  return byTime([...traffic, ...attack])
}

/** We were down for 50 minutes; the provider then drains its queue. */
function backlog(): Event[] {
  const before = usual(100)
  const down = morning + 30 * minute
  const kept = before.filter(({ time }) => time < down)
  const queued = Array.from({ length: 120 }, (_, index) => ({
    ...delivery(down + 50 * minute + index * 2 * second, `evt_q_${index}`, usualIps[index % 4] ?? ''),
    'webhook.timestamp': down + index * 25 * second,
  }))
  const after = webhookTraffic({ seed: 3, start: down + 55 * minute, count: 60, everyMs: 15 * second })
  return byTime([...kept, ...queued, ...after])
}

/** The provider's own queue grows to a quarter of an hour, and shrinks again. */
function slowQueue(): Event[] {
  return byTime(
    usual().map((event, index) => {
      const depth = Math.max(0, Math.min(index - 40, 160 - index, 60))
      return { ...event, time: event.time + depth * 14 * second }
    }),
  )
}

/** Deliveries fail for ten minutes and are retried hours later, with their first timestamps. */
function retries(): Event[] {
  const traffic = usual(240)
  const [from, to] = [morning + 20 * minute, morning + 30 * minute]
  return byTime(
    traffic.flatMap((event) => {
      if (event.time < from || event.time > to) return [event]
      const again = { ...event, 'client.ip': '198.51.100.20' }
      return [
        { ...event, status: 500 },
        { ...again, time: event.time + 35 * minute, status: 502 },
        { ...again, time: event.time + 3 * hour },
      ]
    }),
  )
}

/** Answers take 12 s for a while, the provider gives up after 10 and sends each again. */
function lateAnswers(): Event[] {
  return byTime(
    usual().flatMap((event, index) =>
      index < 80 || index > 120
        ? [event]
        : [
            { ...event, latency_ms: 12_000 },
            { ...event, time: event.time + 5 * minute, 'webhook.timestamp': event.time + 5 * minute },
          ],
    ),
  )
}

/** The provider signs with a new secret ten minutes before we know it. */
function rotation(): Event[] {
  const [from, to] = [morning + 20 * minute, morning + 30 * minute]
  return byTime(
    usual().flatMap((event) =>
      event.time < from || event.time > to
        ? [event]
        : [
            { ...event, status: 401, 'webhook.signature': 'invalid' },
            { ...event, time: event.time + 25 * minute },
          ],
    ),
  )
}

function fanOut(): Event[] {
  return byTime(
    usual().flatMap((event) => [
      event,
      { ...event, time: event.time + 90 * second, route: '/hooks/ledger', path: '/hooks/ledger' },
      { ...event, time: event.time + 30, vantage: 'service', service: 'billing', 'client.ip': '10.0.0.5' },
    ]),
  )
}

/** An attacker behind the provider's own address sends captured deliveries again, ten minutes after each. */
function resent(): Event[] {
  const again = captured(45)
    .slice(40)
    .map((event) => ({ ...event, time: event.time + 10 * minute }))
  return byTime([...usual(), ...again])
}

/** One forged delivery every three minutes. */
function slowForgery(): Event[] {
  const forgery = { seed: 22, start: morning + 5 * minute, count: 30, everyMs: 3 * minute }
  return byTime([...usual(120), ...webhookForgery(forgery)])
}

const forged = (count: number) =>
  byTime([
    ...usual(),
    ...webhookForgery({ seed: 21, start: morning + 20 * minute, count, everyMs: 8 * second }),
  ])

export default {
  attack: replayed(8),
  'attack-below': replayed(2),
  'attack-shuffled': seededRandom(99).shuffle(replayed(8)),
  'attack-slow': slowReplay(),
  'attack-skewed': skewed(),
  'attack-forged': forged(30),
  'attack-forged-slow': slowForgery(),
  'attack-resent': resent(),
  'attack-forged-below': forged(7),
  'lookalike-backlog': backlog(),
  'lookalike-drift': webhookTraffic({
    seed: 4,
    start: morning,
    count: 200,
    everyMs: 15 * second,
    driftMs: 400 * second,
  }),
  'lookalike-fan-out': fanOut(),
  'lookalike-late-answers': lateAnswers(),
  'lookalike-retries': retries(),
  'lookalike-rotation': rotation(),
  'lookalike-slow-queue': slowQueue(),
} satisfies Record<string, Event[]>
