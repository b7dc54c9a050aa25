import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canonicalId } from '../entity/canonical-id.ts'
import type { EntityKind } from '../entity/entity.ts'
import type { Event } from '../event/event.ts'
import { publicHash } from '../hash/keyed-hash.ts'
import { Engine } from './engine.ts'
import { trafficShape, trafficShapeOf } from './traffic-shape.ts'

const minute = 60_000
const ips = ['192.0.2.1', '192.0.2.2', '198.51.100.7', '2001:db8::1', '2001:DB8::2', 'no address']
const request = fc.record({
  minute: fc.integer({ min: 0, max: 40 }),
  ip: fc.constantFrom(...ips),
  ja4: fc.constantFrom('t13d-a', 't13d-b', undefined),
  principal: fc.constantFrom('ada', 'bob', 'eve', undefined),
  status: fc.constantFrom(200, 401, 403, undefined),
})

function newEngine(openMax?: number): Engine {
  const detectors = [{ detector: trafficShape, config: {} }]
  const bound = openMax === undefined ? {} : { openMax }
  return new Engine({ space: 's', lane: 'live', manifest: 'm', detectors, hash: publicHash, ...bound })
}

function eventOf({
  minute: at,
  ip,
  ja4,
  principal,
  status,
}: typeof request extends fc.Arbitrary<infer R> ? R : never): Event {
  return { time: at * minute, 'client.ip': ip, 'client.ja4': ja4, 'principal.id': principal, status }
}

it('counts who is behind an address, a network and a fingerprint, whatever was there before', () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 60 }), fc.boolean(), (requests, inBatches) => {
      const engine = newEngine()
      const events = requests.map(eventOf)
      if (inBatches) engine.observeAll(events.map((event) => ({ event })))
      else for (const event of events) engine.observe(event)
      const shape = trafficShapeOf(engine)
      const served = events.filter(({ status }) => status === undefined || status < 400)
      const kinds = [
        ['ip', 'client.ip'],
        ['network', 'client.ip'],
        ['fingerprint', 'client.ja4'],
      ] as const
      for (const [kind, field] of kinds) {
        const ids = new Set(events.flatMap((event) => idOf(kind, event[field]) ?? []))
        for (const id of ids) {
          const behind = served.filter((event) => idOf(kind, event[field]) === id)
          const principals = new Set(behind.flatMap((event) => event['principal.id'] ?? []))
          const { principals: counted, requests: held, requestsAll } = shape.behind({ kind, id }) ?? {}
          expect([counted, held]).toEqual([principals.size, behind.length])
          expect(requestsAll).toBe(served.length)
        }
      }
      const clients = new Set(events.flatMap((event) => idOf('ip', event['client.ip']) ?? []))
      expect(shape.activeClients() ?? 0).toBe(clients.size)
    }),
  )
})

it('counts for a network what its addresses held before there was room for it', () => {
  const engine = newEngine(4)
  const observe = (at: number, ip: string, principal: string) =>
    engine.observe({ time: at * minute, 'client.ip': ip, 'principal.id': principal, status: 200 })
  const crowd = ['ada', 'bob', 'eve']
  observe(0, '192.0.2.1', 'ada')
  for (const principal of crowd) observe(71, '198.51.100.7', principal)
  const network = { kind: 'network', id: '198.51.100.0/24' } as const
  const shape = trafficShapeOf(engine)
  expect(shape.behind(network)).toBeUndefined()
  engine.advance(70 * minute)
  observe(72, '198.51.100.8', 'mallory')
  for (const principal of crowd) observe(73, '198.51.100.7', principal)
  expect(shape.behind(network)?.principals).toBe(4)
  observe(74, '203.0.113.1', 'ada')
  // The last one found no room itself.
  expect(shape.activeClients()).toBe(3)
})

function idOf(kind: EntityKind, text: string | undefined): string | undefined {
  return text === undefined ? undefined : canonicalId(kind, text)
}
