import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Event } from '../../core/event/event.ts'
import { judgeEvents } from '../../test/engine/judge-events.ts'
import { webhookForgery, webhookReplay, webhookTraffic } from '../../test/scenarios/webhook-skew.ts'
import { config } from './config.ts'
import { providerOfPath } from './provider-of-path.ts'
import { webhookSkew } from './webhook-skew.ts'

const minute = 60_000
const start = Date.UTC(2023, 4, 1, 3)
const own = '192.0.2.10'
const stranger = '203.0.113.66'
const traffic = webhookTraffic({ seed: 7, start, count: 100, everyMs: 15_000, ips: [own] })
const succeeded = traffic.filter(({ status }) => status === 200)

/** Who is blamed for an attack, with the reasons; notes left out. */
function blamed(...parts: (readonly Event[])[]): string[] {
  const events = parts.flat().sort((left, right) => left.time - right.time)
  const { finals } = judgeEvents(webhookSkew, events)
  return [
    ...new Set(
      finals
        .filter(({ severity }) => severity !== 'info')
        .map(({ entity, evidence }) => `${entity.kind}:${entity.id} ${evidence.reasons}`),
    ),
  ]
}

function replay(count: number, ip: string, after = 45): Event[] {
  const captured = succeeded.slice(0, count)
  return webhookReplay({ seed: 1, start: start + after * minute, everyMs: 5000, captured, ip })
}

/** New ids with these skews, among ordinary deliveries. */
function odd(skews: readonly number[], ip: string, more: Partial<Event> = {}): Event[] {
  return skews.map((skew, index) => {
    const time = start + 12 * minute + index * 9000
    const timestamp = time + skew * minute
    return {
      ...succeeded[0],
      time,
      'webhook.id': `odd-${index}`,
      'client.ip': ip,
      'webhook.timestamp': timestamp,
      ...more,
    }
  })
}

describe('replays', () => {
  it('are found from the usual address too, when they come late', () => {
    expect(blamed(traffic, replay(3, own))).toEqual(['provider:stripe replay'])
    expect(blamed(traffic, replay(2, own))).toEqual([])
  })

  it('are found from the usual address minutes after success, at one distance too', () => {
    const again = (count: number, minutes: number) =>
      succeeded.slice(0, count).map((event) => ({ ...event, time: event.time + minutes * minute }))
    expect(blamed(traffic, again(5, 10))).toEqual(['provider:stripe replay'])
    expect(blamed(traffic, again(3, 5))).toEqual(['provider:stripe replay'])
    expect(blamed(traffic, again(2, 10))).toEqual([])
    expect(blamed(traffic, again(5, 4))).toEqual([])
    const late = traffic.map((event) => ({ ...event, latency_ms: 12_000 }))
    expect(blamed(late, again(5, 10))).toEqual([])
  })

  it('are no retries that were planned after a failure, unless they are many or a stranger sends them', () => {
    const failed = traffic.map((event) => ({ ...event, status: 504 }))
    const later = (minutes: number, ip = own) =>
      succeeded
        .slice(0, 12)
        .map((event) => ({ ...event, time: event.time + minutes * minute, 'client.ip': ip }))
    const retried = [...traffic.slice(12), ...failed.slice(0, 12), ...later(10)]
    expect(blamed(retried, later(40))).toEqual([])
    expect(blamed(retried, later(40), later(41), later(42))).toEqual(['provider:stripe replay'])
    expect(blamed(retried, later(40, stranger))).toEqual(['provider:stripe replay'])
    const forgedFirst = traffic.map((event) => ({
      ...event,
      time: event.time - 1000,
      status: 401,
      'webhook.signature': 'invalid' as const,
    }))
    expect(blamed(traffic, forgedFirst.slice(0, 7), later(40))).toEqual(['provider:stripe replay'])
  })

  it('are no retries of a repeat that failed', () => {
    const repeats = succeeded.slice(0, 5).flatMap((event) => [
      { ...event, time: event.time + 30_000, status: 503 },
      { ...event, time: event.time + 6 * minute },
    ])
    expect(blamed(traffic, repeats)).toEqual([])
  })

  it('need three ids from a network that delivers nothing new', () => {
    expect(blamed(traffic, replay(3, stranger))).toEqual(['provider:stripe replay'])
    expect(blamed(traffic, replay(2, stranger))).toEqual([])
  })

  it('are found where they are refused, and with a new timestamp', () => {
    const refused = replay(5, stranger).map((event) => ({ ...event, status: 409 }))
    const renewed = replay(5, stranger).map((event) => ({ ...event, 'webhook.timestamp': event.time }))
    expect(blamed(traffic, refused)).toEqual(['provider:stripe replay'])
    expect(blamed(traffic, renewed)).toEqual(['provider:stripe replay'])
  })

  it('are found when one id comes again and again', () => {
    const again = Array.from({ length: 6 }, (_, index) => ({
      ...(succeeded[0] as Event),
      time: start + 20 * minute + index,
    }))
    expect(blamed(traffic, again)).toEqual(['provider:stripe replay'])
  })

  it('are no repeats of what failed, of another endpoint or of another view', () => {
    const failed = traffic.map((event) => ({ ...event, status: 503 }))
    const later = traffic.map((event) => ({ ...event, time: event.time + 180 * minute }))
    expect(blamed(failed, later)).toEqual([])
    const soon = traffic.map((event) => ({ ...event, time: event.time + 2 * minute }))
    const elsewhere = soon.map((event) => ({ ...event, route: '/hooks/ledger', path: '/hooks/ledger' }))
    expect(blamed(traffic, elsewhere)).toEqual([])
  })
})

describe('skew', () => {
  it('is judged in both directions, whoever sends', () => {
    const skews = [-20, 90, -45, 30, -120, 17, -33, 64]
    expect(blamed(traffic, odd(skews, own))).toEqual(['provider:stripe skew_old,skew_future'])
    expect(blamed(traffic, odd(skews, stranger))).toEqual(['provider:stripe skew_old,skew_future'])
    expect(blamed(traffic, odd(skews.slice(0, 4), stranger))).toEqual([])
  })

  it('does not take a constant hour of a strange network for a clock', () => {
    expect(blamed(traffic, odd(Array(8).fill(60), stranger))).toEqual(['provider:stripe skew_future'])
  })

  it('takes a steady second server, a clock that was set and dates for what they are', () => {
    const second = webhookTraffic({
      seed: 8,
      start,
      count: 100,
      everyMs: 15_000,
      ips: ['198.51.100.9'],
      driftMs: 400_000,
    })
    expect(blamed(traffic, second)).toEqual([])
    const set = traffic.map((event, index) => ({
      ...event,
      'webhook.timestamp': (event['webhook.timestamp'] ?? 0) + (index > 50 ? 420_000 : 0),
    }))
    expect(blamed(set)).toEqual([])
    expect(blamed(traffic.map((event) => ({ ...event, 'webhook.timestamp': Date.UTC(2023, 4, 1) })))).toEqual(
      [],
    )
  })

  it('is judged around a drift', () => {
    const drifting = webhookTraffic({
      seed: 7,
      start,
      count: 100,
      everyMs: 15_000,
      ips: [own],
      driftMs: 400_000,
    })
    expect(blamed(drifting)).toEqual([])
    expect(blamed(drifting, odd([20, 45, 33, 80, 27, 61], own))).toEqual([
      'provider:stripe skew_future,drift',
    ])
  })
})

describe('signatures', () => {
  const forged = webhookForgery({ seed: 2, start: start + 10 * minute, count: 40, everyMs: 8000 })

  it('blame the one who forges, else the provider', () => {
    expect(blamed(traffic, forged)).toEqual([`ip:${stranger} signature`])
    const spread = forged.map((event, index) => ({ ...event, 'client.ip': `203.0.${index % 20}.9` }))
    expect(blamed(traffic, spread)).toEqual(['provider:stripe signature'])
    const among = forged.map((event) => ({ ...event, 'client.ip': own }))
    expect(blamed(traffic, among)).toEqual(['provider:stripe signature'])
  })

  it('are found one at a time, over hours, of a sender that never got in', () => {
    const slow = (count: number) => webhookForgery({ seed: 3, start, count, everyMs: 10 * minute })
    expect(blamed(traffic, slow(24))).toEqual([`ip:${stranger} signature`])
    expect(blamed(traffic, slow(23))).toEqual([])
    const oneId = slow(40).map((event) => ({ ...event, 'webhook.id': 'evt_same' }))
    expect(blamed(traffic, oneId)).toEqual([])
    const [delivered] = slow(1).map((event) => ({
      ...event,
      status: 200,
      'webhook.signature': 'valid' as const,
    }))
    expect(blamed(traffic, slow(40), delivered ? [{ ...delivered, time: start + minute }] : [])).toEqual([])
  })

  it('are judged by status on webhook routes where the log says nothing else', () => {
    const bare = (events: readonly Event[]) =>
      events.map(
        ({ time, status, 'client.ip': ip }): Event => ({
          time,
          status,
          'client.ip': ip,
          method: 'POST',
          path: '/hooks/github',
        }),
      )
    expect(blamed(bare(traffic), bare(forged))).toEqual([`ip:${stranger} signature`])
    expect(blamed(bare(traffic), bare(forged.slice(0, 29)))).toEqual([])
  })
})

it.each([
  ['/webhooks/stripe', 'stripe'],
  ['/api/v1/webhooks/GitHub/events', 'github'],
  ['/hooks/shopify/8812', 'shopify'],
  ['/stripe/webhook', 'stripe'],
  ['/webhooks', 'webhooks'],
  ['/orders/1', undefined],
])('names the provider of %s', (path, provider) => {
  expect(providerOfPath(path, false, config.parse({}).hook_segments)).toBe(provider)
})

it('ships its defaults', () => {
  expect(parse(readFileSync(join(import.meta.dirname, 'default.yaml'), 'utf8'))).toEqual(config.parse({}))
})
