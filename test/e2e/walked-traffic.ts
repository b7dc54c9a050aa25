import { benignTraffic } from '../scenarios/benign-traffic.ts'
import { fixtureText } from '../scenarios/fixture-text.ts'
import { walkers } from '../scenarios/walkers.ts'

const minute = 60_000

/** Traffic from so many minutes after `start` on, for so many, with walks in it that begin a minute later, as lines. */
export function walkedTraffic(start: number, fromMinute: number, minutes: number, walks: number): string {
  const at = start + fromMinute * minute
  const attacks = walkers(walks, at + minute, 20_000).map((event) => ({
    ...event,
    'principal.id': `${event['principal.id']}-${fromMinute}`,
  }))
  const shoppers = benignTraffic({ seed: fromMinute, start: at, durationMs: minutes * minute, clients: 60 })
  return fixtureText([...shoppers, ...attacks].sort((left, right) => left.time - right.time))
}
