import { benignTraffic } from '../scenarios/benign-traffic.ts'
import { fixtureText } from '../scenarios/fixture-text.ts'
import { walk } from '../scenarios/sequential-enumeration.ts'

const minute = 60_000

export interface AttackOptions {
  /** Time of the last event, epoch milliseconds. */
  readonly end: number
  readonly minutes: number
  /** Callers who walk ids, evenly over the time but for its last five minutes. */
  readonly attackers: number
  /** Shoppers among them. */
  readonly clients: number
}

/** Lines in the order of time; every attack is over and judged well before the end. */
export function attackLines({ end, minutes, attackers, clients }: AttackOptions): string[] {
  const start = end - minutes * minute
  const everyMs = ((minutes - 5) * minute) / attackers
  const walks = Array.from({ length: attackers }, (_, index) =>
    walk({
      seed: index,
      start: start + Math.floor(index * everyMs),
      durationMs: minute,
      principal: `mallory-${index}`,
      ip: `198.51.${100 + Math.floor(index / 250)}.${1 + (index % 250)}`,
      ids: Array.from({ length: 80 }, (_id, step) => String(40_000 + index * 1000 + step)),
      refusedShare: 0.6,
      missedShare: 0.1,
    }),
  ).flat()
  const shoppers = benignTraffic({ seed: 5, start, durationMs: minutes * minute, clients })
  const events = [...shoppers, ...walks].sort((left, right) => left.time - right.time)
  return fixtureText(events).trim().split('\n')
}

/** Budgets wide enough for every target: which ones a full budget turns away depends on who asks first. */
export const containWalks = `
version: 1
id: contain-walks
on: finding.detector == 'sequential-enumeration' && finding.score >= 0.8
mode: enforce
limits: { targets_per_hour: 10000, share_of_clients: 100% }
steps:
  - { id: slow-down, action: throttle, target: finding.entity, with: { rate: 5/m }, ttl: 4h }
  - { id: page, action: page }
`

export const pagingKey = { PICKET_TEST_ROUTING_KEY: '0123456789abcdef0123456789abcdef' }
