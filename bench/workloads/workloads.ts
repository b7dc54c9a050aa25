import type { Event } from '../../core/event/event.ts'
import { addAttacks } from './attacks.ts'
import { benign, benignTimeline, eventsPerSecond } from './benign.ts'
import { manyKeys } from './many-keys.ts'

export const workloadIds = ['benign', 'mixed', 'many-keys'] as const
export type WorkloadId = (typeof workloadIds)[number]

/** A Monday morning. */
const start = Date.UTC(2026, 2, 9, 8)
/** Share of `mixed` that belongs to attacks. */
const attackShare = 0.03

export interface Amount {
  readonly seed: number
  /** Events that are wanted; a workload may give more. */
  readonly count: number
  /** Events a second of event time. Default: a million in about an hour. */
  readonly rate?: number
}

export interface Workload {
  readonly what: string
  events(amount: Amount): Iterable<Event>
}

export const workloads: Readonly<Record<WorkloadId, Workload>> = {
  benign: {
    what: 'people at browsers and phones, paging partners, webhooks; nobody does harm',
    events: (amount) => benign({ ...amount, start }),
  },
  mixed: {
    what: `the same, with the four attacks in ${attackShare * 100}% of the events`,
    events: mixed,
  },
  'many-keys': {
    what: 'a third as many principals, addresses and tokens as events',
    events: (amount) => manyKeys({ ...amount, start }, amount.count),
  },
}

function mixed({ seed, rate = eventsPerSecond }: Amount): Iterable<Event> {
  const timeline = benignTimeline({ seed, start, rate: rate * (1 - attackShare) })
  addAttacks(timeline, { seed: seed + 1, start, rate: rate * attackShare })
  return timeline.events()
}
