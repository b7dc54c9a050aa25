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

function newEngine(): Engine {
  const detectors = [{ detector: trafficShape, config: {} }]
  return new Engine({ space: 's', lane: 'live', manifest: 'm', detectors, hash: publicHash })
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

function idOf(kind: EntityKind, text: string | undefined): string | undefined {
  return text === undefined ? undefined : canonicalId(kind, text)
}
