import { benignTraffic } from '../scenarios/benign-traffic.ts'
import { fixtureText } from '../scenarios/fixture-text.ts'
import { walkers } from '../scenarios/walkers.ts'

const minute = 60_000

/**
 * Ten minutes of shoppers that end at `end`, among them 24 callers who walk ids: all of them are over and judged well before
 * the end. Lines in the order of time.
 */
export function attackLines(end: number, clients = 1200): string[] {
  const start = end - 10 * minute
  const walks = walkers(24, start + 2 * minute, 8000)
  const shoppers = benignTraffic({ seed: 5, start, durationMs: 10 * minute, clients })
  const events = [...shoppers, ...walks].sort((left, right) => left.time - right.time)
  return fixtureText(events).trim().split('\n')
}

export const attackersCount = 24

/** Budgets wide enough for every target: which ones a full budget turns away depends on who asks first. */
export const containWalks = `
version: 1
id: contain-walks
on: finding.detector == 'sequential-enumeration' && finding.score >= 0.8
mode: enforce
limits: { targets_per_hour: 100, share_of_clients: 100% }
steps:
  - { id: slow-down, action: throttle, target: finding.entity, with: { rate: 5/m }, ttl: 1h }
  - { id: page, action: page }
`

export const pagingKey = { PICKET_TEST_ROUTING_KEY: '0123456789abcdef0123456789abcdef' }
