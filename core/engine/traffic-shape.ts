import { z } from 'zod'
import type { Cells } from '../aggregates/aggregate.ts'
import { counter } from '../aggregates/counter.ts'
import { distinct } from '../aggregates/distinct.ts'
import { defineDetector } from '../detector/detector.ts'
import { callerReads, isProven } from '../entity/caller.ts'
import { canonicalId } from '../entity/canonical-id.ts'
import type { Entity } from '../entity/entity.ts'
import type { Shape, TrafficShape } from '../ports/traffic-shape.ts'
import type { Engine } from './engine.ts'

/** Stands for the whole traffic. */
const everything: Entity = { kind: 'service', id: 'picket/all-traffic' }

/** No address: a second mark at one, whose network or the whole traffic had no room at the bound and missed what it holds. */
const turnedAway = ''

const pane = { served: counter(), principals: distinct(64), clients: distinct(64) }

/**
 * Who is behind an address, by the last hour. It judges nothing: the executor asks it before it acts. Only requests
 * that were served count as traffic, or an attacker's own noise would make him too big to stop.
 */
export const trafficShape = defineDetector({
  id: 'traffic-shape',
  version: 1,
  summary:
    'Counts the proven principals and the served requests behind addresses, networks and fingerprints.',
  threats: [],
  config: z.strictObject({}),
  vantage: 'any',
  reads: [...callerReads, 'client.ja4'],
  window: () => ({ size: '1h', pane: '5m' }),
  pane,
  observe(event, emit) {
    const ip = event['client.ip']
    if (event.vantage === 'service' || ip === undefined) return
    const isServed = event.status === undefined || event.status < 400
    const principal =
      isServed && isProven(event)
        ? (event['principal.id'] ?? event['key.id'] ?? event['client.id'])
        : undefined
    const address = emit('ip', ip)
    const marks = address?.clients.value
    if (marks === 0) address?.clients.add(ip)
    // Network and traffic hold all that the address holds, unless one was turned away: who is not new there is not new here.
    const news = add(address, isServed, principal) || marks === 2 ? principal : undefined
    const network = emit('network', ip)
    add(network, isServed, news)
    const all = emit(everything.kind, everything.id)
    add(all, isServed, news)
    const client = marks === 1 ? undefined : canonicalId('ip', ip)
    if (client !== undefined) all?.clients.add(client)
    // Asked for again, for cells are dead once others are asked for.
    if (address && !(network && all)) emit('ip', ip)?.clients.add(turnedAway)
    add(emit('fingerprint', event['client.ja4']), isServed, principal)
  },
  eventsMin: () => Number.POSITIVE_INFINITY,
  judge: () => undefined,
  evidence: z.record(z.string(), z.unknown()),
})

/** Returns whether the principal may be new. */
function add(
  cells: Cells<typeof pane> | undefined,
  isServed: boolean,
  principal: string | undefined,
): boolean {
  if (!cells) return true
  if (!isServed) return false
  cells.served.add()
  return principal !== undefined && cells.principals.add(principal)
}

/** Answers from the engine that runs `trafficShape` beside the detectors. */
export function trafficShapeOf(engine: Engine): TrafficShape {
  function peek<T>(entity: Entity, read: (total: Cells<typeof pane>) => T): T | undefined {
    return engine.peek(trafficShape.id, entity, ({ total }) => read(total as Cells<typeof pane>))
  }
  return {
    behind(entity): Shape | undefined {
      const requestsAll = peek(everything, ({ served }) => served.value) ?? 0
      return peek(entity, ({ served, principals }) => ({
        principals: principals.value,
        requests: served.value,
        requestsAll,
      }))
    },
    activeClients: () => peek(everything, ({ clients }) => clients.value),
  }
}
