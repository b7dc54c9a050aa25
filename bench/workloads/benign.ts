import type { Event } from '../../core/event/event.ts'
import { type Random, seededRandom } from '../../test/scenarios/random.ts'
import { Deliveries, Pager } from './programs.ts'
import { Session } from './sessions.ts'
import { type Actor, Timeline } from './timeline.ts'
import type { World } from './world.ts'

/** Events a second: a million in about an hour. */
export const eventsPerSecond = 280

export interface Traffic {
  readonly seed: number
  /** Epoch milliseconds. */
  readonly start: number
  /** Default `eventsPerSecond`; more of it means more clients, not busier ones. */
  readonly rate?: number
}

/** Kinds of clients: their share of all requests, the mean gap between two of one client, and how many it makes. */
const kinds = {
  browsers: { share: 0.5, gapMs: 15_000, count: 14, phone: false, anonymous: false },
  phones: { share: 0.3, gapMs: 8000, count: 20, phone: true, anonymous: false },
  strangers: { share: 0.12, gapMs: 20_000, count: 5, phone: false, anonymous: true },
  pagers: { share: 0.06, gapMs: 800, count: 150 },
  webhooks: { share: 0.02 },
} as const
/** Share of sessions that begin with a log-in; the others hold a token already. */
const logInShare = 0.25
/** People for each request a second: thousands at the usual rate. */
const peopleEach = 100

/** A timeline of clients that do no harm: people at browsers and phones, paging partners, webhooks. */
export function benignTimeline({ seed, start, rate = eventsPerSecond }: Traffic): Timeline {
  const random = seededRandom(seed)
  const world: World = { random, serial: 0, people: Math.ceil(rate * peopleEach) }
  const timeline = new Timeline()
  for (const kind of [kinds.browsers, kinds.phones, kinds.strangers]) {
    const session = (at: number, logsIn: boolean) => new Session(world, at, kind, logsIn)
    keepUp(timeline, random, start, { ...kind, rate: rate * kind.share }, session)
  }
  const { pagers, webhooks } = kinds
  const pager = (at: number) => new Pager(world, at, pagers)
  keepUp(timeline, random, start, { ...pagers, rate: rate * pagers.share }, pager)
  const deliveriesGapMs = 4000 / (rate * webhooks.share)
  for (let provider = 0; provider < 4; provider++)
    timeline.add(new Deliveries(world, start, provider, deliveriesGapMs))
  return timeline
}

/** As many at work from the first moment on as later, and for those who leave new ones. */
function keepUp(
  timeline: Timeline,
  random: Random,
  start: number,
  kind: { readonly rate: number; readonly gapMs: number; readonly count: number },
  arrive: (at: number, logsIn: boolean) => Actor,
): void {
  const working = Math.max(1, Math.round((kind.rate * kind.gapMs) / 1000))
  for (let index = 0; index < working; index++) timeline.add(arrive(start + random.gap(kind.gapMs), false))
  const everyMs = (1000 * kind.count) / kind.rate
  const arrivals: Actor = {
    next: start + random.gap(everyMs),
    act() {
      timeline.add(arrive(this.next, random.chance(logInShare)))
      this.next += random.gap(everyMs)
      return undefined
    },
  }
  timeline.add(arrivals)
}

export function benign(traffic: Traffic): Generator<Event, void> {
  return benignTimeline(traffic).events()
}
