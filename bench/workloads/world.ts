import type { Event } from '../../core/event/event.ts'
import type { Random } from '../../test/scenarios/random.ts'

/** What all actors of one workload share. */
export interface World {
  readonly random: Random
  /** Numbers requests and sessions. */
  serial: number
  /** How many people there are. */
  readonly people: number
}

/** A request for one object, as most of them end. */
export function objectOf(type: string, id: string, random: Random): Partial<Event> {
  return {
    route: `/${type}/{id}`,
    path: `/${type}/${id}`,
    status: random.chance(0.01) ? 404 : random.chance(0.003) ? 502 : 200,
    'object.type': type,
    'object.id': id,
  }
}
