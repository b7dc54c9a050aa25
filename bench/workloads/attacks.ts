import type { Event } from '../../core/event/event.ts'
import { botAddress, stuffing } from '../../test/scenarios/credential-stuffing.ts'
import { stolenToken } from '../../test/scenarios/jti-reuse.ts'
import { type Random, seededRandom } from '../../test/scenarios/random.ts'
import { walk } from '../../test/scenarios/sequential-enumeration.ts'
import { webhookForgery, webhookReplay, webhookTraffic } from '../../test/scenarios/webhook-skew.ts'
import { mix } from './mix.ts'
import { addressOf, requestFacts } from './people.ts'
import type { Actor, Timeline } from './timeline.ts'

const minute = 60_000
/** Attacks that began earlier are under way at the start. */
const underWayMs = 20 * minute

export interface AttackOptions {
  readonly seed: number
  readonly start: number
  /** Events a second that belong to attacks, on average. */
  readonly rate: number
}

type Attack = (index: number, start: number, random: Random) => Event[]

/** The recorded scenarios of the four detectors, each time by somebody else. */
const attacks: readonly Attack[] = [
  (index, start) => {
    const ip = addressOf(index, 51)
    const bots = index % 8 === 0
    const ipOf = bots ? botAddress : () => ip
    return stuffing({ seed: index, start, durationMs: 9 * minute, tries: 180, ipOf, hits: [61], again: true })
  },
  (index, start, random) => {
    const first = 10_000 + (mix(index, 52) % 1_000_000)
    const inOrder = Array.from({ length: 150 }, (_, step) => String(first + step))
    const ids = index % 8 === 1 ? random.shuffle(inOrder) : inOrder
    const who = { principal: `walker-${index}`, ip: addressOf(index, 53) }
    return walk({
      ...who,
      seed: index,
      start,
      durationMs: 5 * minute,
      ids,
      refusedShare: 0.5,
      missedShare: 0.1,
    })
  },
  (index, start) => stolenToken(index, start, `stolen-${index}`),
  (index, start) => {
    const provider = `provider-${index % 40}`
    const traffic = { seed: index, start, provider, ips: [addressOf(index % 40, 54)], everyMs: 5000 }
    const captured = webhookTraffic({ ...traffic, count: 40 })
    const ip = addressOf(index, 55)
    const later = { seed: index, start: start + 5 * minute, ip }
    return [
      ...captured,
      ...webhookReplay({ ...later, everyMs: 4000, captured: captured.slice(0, 14) }),
      ...webhookForgery({ ...traffic, count: 30 }).map((event) => ({ ...event, 'client.ip': ip })),
      ...captured.slice(20, 30).map((event, step) => ({
        ...event,
        'webhook.id': `evt_skewed_${index}_${step}`,
        'webhook.timestamp': event.time + (step % 2 === 0 ? 1 : -1) * 45 * minute,
        'client.ip': ip,
      })),
    ].sort((left, right) => left.time - right.time)
  },
]

/** Events of one attack, on average. */
const eventsEach = 135

/** Lets attacks of the four kinds begin one after another. */
export function addAttacks(timeline: Timeline, { seed, start, rate }: AttackOptions): void {
  const random = seededRandom(seed)
  const everyMs = (1000 * eventsEach) / rate
  let index = 0
  const begin = (at: number) => {
    const attack = attacks[index % attacks.length] as Attack
    const events = attack(index++, Math.floor(at), random).filter(({ time }) => time >= start)
    if (events.length > 0) timeline.add(new Recorded(events, index << 12))
  }
  let next = start - underWayMs
  for (; next < start; next += random.gap(everyMs)) begin(next)
  timeline.add({
    next,
    act() {
      begin(this.next)
      this.next += random.gap(everyMs)
      return undefined
    },
  })
}

/** Events made before, each with what the gateway adds. */
class Recorded implements Actor {
  next: number
  readonly #events: readonly Event[]
  readonly #serial: number
  #at = 0

  constructor(events: readonly Event[], serial: number) {
    this.#events = events
    this.#serial = serial
    this.next = events[0]?.time ?? Number.POSITIVE_INFINITY
  }

  act(): Event {
    const event = this.#events[this.#at++] as Event
    this.next = this.#events[this.#at]?.time ?? Number.POSITIVE_INFINITY
    return { ...requestFacts(event.time, this.#serial + this.#at), ...event }
  }
}
