import fc from 'fast-check'
import type { Detector } from '../../core/detector/detector.ts'
import type { Event } from '../../core/event/event.ts'
import { type EventField, eventFields } from '../../core/event/event-fields.ts'

const start = Date.UTC(2026, 0, 5, 9)

/** Few values each, so that events meet: the same address, account, token and neighbouring ids come again and again. */
const domains: Partial<Record<EventField, fc.Arbitrary<unknown>>> = {
  kind: fc.constantFrom('http', 'auth', 'token', 'webhook'),
  vantage: fc.constantFrom('edge', 'service', undefined),
  method: fc.constantFrom('GET', 'POST'),
  route: fc.constantFrom('/orders/{id}', '/login', '/hooks/stripe'),
  path: fc.constantFrom('/orders/1', '/login'),
  status: fc.constantFrom(200, 201, 401, 403, 404, 500),
  'client.ip': fc.integer({ min: 1, max: 6 }).map((last) => `203.0.${last % 3}.${last}`),
  'client.ja4': fc.constantFrom('t13d1516h2_8daaf6152771', 't13d301200_1d37bd780c83', undefined),
  'client.user_agent': fc.constantFrom('Mozilla/5.0', 'curl/8.5', undefined),
  'principal.id': fc.constantFrom('alice', 'bob', undefined),
  'object.id': fc.integer({ min: 1000, max: 1150 }).map(String),
  'object.type': fc.constantFrom('order', 'page'),
  'auth.account': fc.integer({ min: 1, max: 60 }).map((id) => `k1:${id}`),
  'auth.outcome': fc.constantFrom('success', 'failure', 'logout', undefined),
  'token.jti': fc.constantFrom('j1', 'j2', undefined),
  'token.aud': fc.constantFrom(['orders'], ['billing'], undefined),
  'token.iat': fc.constantFrom(start - 60_000, start + 300_000, undefined),
  'token.exp': fc.constantFrom(start + 600_000, start + 86_400_000, undefined),
  'token.error': fc.constantFrom(undefined, undefined, 'expired'),
  service: fc.constantFrom('orders', 'billing', undefined),
  'webhook.provider': fc.constantFrom('stripe', 'github'),
  'webhook.id': fc.integer({ min: 1, max: 40 }).map((id) => `evt_${id}`),
  'webhook.timestamp': fc.integer({ min: -900, max: 3600 }).map((offset) => start + offset * 1000),
  'webhook.signature': fc.constantFrom('valid', 'invalid', 'missing', undefined),
}

function byType(field: EventField): fc.Arbitrary<unknown> {
  const { type } = eventFields[field]
  if (type === 'text') return fc.constantFrom('a', 'b', undefined)
  if (type === 'texts') return fc.constantFrom(['a'], ['b', 'a'], undefined)
  if (type === 'boolean') return fc.constantFrom(true, false, undefined)
  return fc.constantFrom(0, 1, 100, undefined)
}

/** Events with the fields that a detector reads, within 25 minutes. */
export function arbitraryEvents(detector: Detector): fc.Arbitrary<Event[]> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {}
  for (const field of detector.reads) fields[field] = domains[field] ?? byType(field)
  fields.time = fc.integer({ min: 0, max: 1500 }).map((seconds) => start + seconds * 1000)
  return fc.array(fc.record(fields) as unknown as fc.Arbitrary<Event>, { minLength: 1, maxLength: 300 })
}
