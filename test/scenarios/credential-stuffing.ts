import type { Event } from '../../core/event/event.ts'
import { type Random, seededRandom } from './random.ts'

const second = 1000
const minute = 60_000
const hour = 60 * minute
const start = Date.UTC(2026, 2, 9, 8)

/** `accounts`: the gateway's log-in event names the account; `statuses`: only address, path and status. */
export type LogStyle = 'accounts' | 'statuses'

export interface LogInTry {
  readonly time: number
  readonly account: string
  readonly ip: string
  readonly ok: boolean
  readonly ja4?: string
  readonly agent?: string
  readonly style?: LogStyle
}

const browser = 't13d1516h2_8daaf6152771_02713d6af862'
const otherBrowser = 't13d1715h2_5b57614c22b0_5c2c66f702b0'
/** A company's own app: no browser, but honest people log in with it. */
export const appJa4 = 't13d1310h2_f57a46bbacb6_ab7e3b40a677'
const script = 't13i190900_9dc949149365_97f8aa674fd9'

/** One try to log in, as the gateway tells of it. */
export function logInEvent({ time, account, ip, ok, ja4, agent, style = 'accounts' }: LogInTry): Event {
  const base: Event = {
    time: Math.floor(time),
    kind: style === 'accounts' ? 'auth' : 'http',
    vantage: 'edge',
    method: 'POST',
    route: '/login',
    path: '/login',
    status: ok ? 200 : 401,
    'client.ip': ip,
    'client.user_agent': agent ?? 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0',
  }
  if (style === 'statuses') return base
  return {
    ...base,
    'client.ja4': ja4 ?? browser,
    'auth.account': account,
    'auth.outcome': ok ? 'success' : 'failure',
  }
}

export interface PeopleOptions {
  readonly seed: number
  readonly start: number
  readonly durationMs: number
  readonly count: number
  /** Share of people who mistype once or twice before they get in, and of those who give up. */
  readonly typoShare?: number
  readonly giveUpShare?: number
  /** One address for all of them: an office. Without it everyone has their own. */
  readonly ip?: string
  readonly style?: LogStyle
}

/** The address of somebody's home: spread over private networks, the same for the same person. */
export function homeOf(person: number): string {
  return `10.${person % 23}.${(person * 7) % 251}.${1 + ((person * 13) % 250)}`
}

/** People who log in once each: most at the first try, some after a typing error, few give up. */
export function people(options: PeopleOptions): Event[] {
  const { seed, count, durationMs, typoShare = 0.08, giveUpShare = 0.02, ip, style = 'accounts' } = options
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, person) => {
    const who = { account: `user-${person}@mail.example`, ip: ip ?? homeOf(person), style }
    let time = options.start + random.next() * durationMs
    const events: Event[] = []
    const luck = random.next()
    const gone = luck < giveUpShare
    for (let typos = luck < giveUpShare + typoShare ? random.int(1, 2) : 0; typos > 0; typos--) {
      events.push(logInEvent({ ...who, time, ok: false }))
      time += random.int(4, 25) * second
    }
    return gone ? events : [...events, logInEvent({ ...who, time, ok: true })]
  }).flat()
}

export interface StuffingOptions {
  readonly seed: number
  readonly start: number
  readonly durationMs: number
  readonly tries: number
  /** Address of a try. */
  readonly ipOf: (index: number, random: Random) => string
  readonly ja4?: (index: number, random: Random) => string
  /** Indexes of tries whose password is right; with `again`, after a wrong one from the same place. */
  readonly hits?: readonly number[]
  readonly again?: boolean
  readonly style?: LogStyle
}

/** A list of leaked accounts, each tried once, evenly spread over the time. */
export function stuffing(options: StuffingOptions): Event[] {
  const {
    seed,
    tries,
    durationMs,
    ipOf,
    ja4 = () => script,
    hits = [],
    again = false,
    style = 'accounts',
  } = options
  const random = seededRandom(seed)
  return Array.from({ length: tries }, (_, index) => {
    const hit = hits.includes(index)
    const attempt: LogInTry = {
      time: options.start + ((index + random.next() * 0.8) / tries) * durationMs,
      account: `leaked-${seed}-${index}@mail.example`,
      ip: ipOf(index, random),
      ja4: ja4(index, random),
      agent: 'python-requests/2.32',
      ok: hit,
      style,
    }
    const first = hit && again ? [logInEvent({ ...attempt, time: attempt.time - 2 * second, ok: false })] : []
    return [...first, logInEvent(attempt)]
  }).flat()
}

/** An address of a botnet: private networks that no person of `people` lives in. */
export function botAddress(_index: number, random: Random): string {
  return `10.${random.int(100, 180)}.${random.int(0, 255)}.${random.int(1, 254)}`
}

export interface BrokenDeployOptions extends PeopleOptions {
  /** When log-ins stop working, and when they work again. */
  readonly brokenAt: number
  readonly fixedAt: number
}

/** People who log in every few minutes, each at home; while the deploy is broken they, or their apps, try again and again. */
export function brokenDeploy(options: BrokenDeployOptions): Event[] {
  const { seed, count, durationMs, brokenAt, fixedAt, ip, style = 'accounts' } = options
  const random = seededRandom(seed)
  const end = options.start + durationMs
  return Array.from({ length: count }, (_, person) => {
    const who = { account: `user-${person}@mail.example`, ip: ip ?? homeOf(person), style }
    const events: Event[] = []
    let time = options.start + random.next() * 10 * minute
    while (time < end) {
      const ok = time < brokenAt || time >= fixedAt
      if (ok || random.chance(0.8)) events.push(logInEvent({ ...who, time, ok }))
      time += ok ? (8 + random.next() * 8) * minute : random.int(15, 150) * second
    }
    return events
  }).flat()
}

/** One person who tries old passwords until the right one, or the reset, comes. */
export function forgotPassword(options: {
  readonly seed: number
  readonly start: number
  readonly failures: number
  readonly ip: string
  readonly style?: LogStyle
}): Event[] {
  const { seed, failures, ip, style = 'accounts' } = options
  const random = seededRandom(seed)
  const account = `forgetful-${seed}@mail.example`
  let time = options.start
  return Array.from({ length: failures + 1 }, (_, index) => {
    time += random.int(12, 60) * second
    return logInEvent({ time, account, ip, style, ok: index === failures })
  })
}

/** People who can't log in, each at home: they try two to four times at once and give up, or get in with `inShare`. */
export function lockedOut(options: {
  readonly seed: number
  readonly start: number
  readonly durationMs: number
  readonly count: number
  readonly failuresMax: number
  readonly inShare: number
  readonly ip?: string
  readonly style?: LogStyle
}): Event[] {
  const { seed, count, durationMs, failuresMax, inShare, ip, style = 'statuses' } = options
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, person) => {
    const who = { account: `locked-${person}@mail.example`, ip: ip ?? homeOf(person), style }
    let time = options.start + random.next() * durationMs
    const events: Event[] = []
    for (let failures = random.int(1, failuresMax); failures > 0; failures--) {
      events.push(logInEvent({ ...who, time, ok: false }))
      time += random.int(5, 20) * second
    }
    return random.chance(inShare) ? [...events, logInEvent({ ...who, time, ok: true })] : events
  }).flat()
}

/** The same people with other software. */
export function withJa4(events: readonly Event[], ja4: string): Event[] {
  return events.map((event) => ({ ...event, 'client.ja4': ja4 }))
}

/** Parts of a recording in the order of time. */
export function recorded(...parts: readonly (readonly Event[])[]): Event[] {
  return parts.flat().sort((left, right) => left.time - right.time)
}

/** The same events as they arrive when each is up to `delayMs` late. */
export function outOfOrder(events: readonly Event[], delayMs: number): Event[] {
  const random = seededRandom(5)
  return events
    .map((event) => ({ event, arrival: event.time + random.next() * delayMs }))
    .sort((left, right) => left.arrival - right.arrival)
    .map(({ event }) => event)
}

const attacker = '203.0.113.50'
const background = (style: LogStyle) => people({ seed: 21, start, durationMs: hour, count: 200, style })
const single: StuffingOptions = {
  seed: 22,
  start: start + 20 * minute,
  durationMs: 6 * minute,
  tries: 40,
  ipOf: () => attacker,
  hits: [9, 30],
  again: true,
}
const attack = recorded(background('accounts'), stuffing(single))
/** One account below the bar: fourteen that only fail, within one window. */
const below = recorded(background('accounts'), stuffing({ ...single, tries: 14, hits: [] }))
const spread: StuffingOptions = {
  ...single,
  seed: 23,
  durationMs: 10 * minute,
  tries: 300,
  ipOf: botAddress,
  ja4: (_index, random) => `t13d${random.int(1000, 9999)}h2_${random.int(0x100000, 0xffffff).toString(16)}`,
}

/** Recorded streams, by name of the fixture. */
const fixtures: Readonly<Record<string, readonly Event[]>> = {
  attack,
  'attack-shuffled': outOfOrder(attack, 30 * second),
  'attack-below-threshold': below,
  'attack-statuses': recorded(background('statuses'), stuffing({ ...single, style: 'statuses' })),
  'attack-network': recorded(
    background('accounts'),
    stuffing({ ...single, tries: 60, ipOf: (_index, random) => `198.51.100.${random.int(1, 60)}` }),
  ),
  'attack-fingerprint': recorded(background('accounts'), stuffing({ ...spread, ja4: () => script })),
  'attack-popular-browsers': recorded(
    background('accounts'),
    stuffing({ ...spread, ja4: (index) => (index % 2 === 0 ? browser : otherBrowser) }),
  ),
  'attack-popular-app': recorded(
    background('accounts'),
    withJa4(people({ seed: 24, start, durationMs: 15 * minute, count: 30 }), appJa4),
    stuffing({ ...spread, ja4: () => appJa4 }),
  ),
  'attack-statuses-hits': recorded(
    background('statuses'),
    stuffing({
      ...single,
      tries: 60,
      hits: Array.from({ length: 12 }, (_, index) => index * 5),
      again: false,
      style: 'statuses',
    }),
  ),
  'attack-distributed': recorded(background('accounts'), stuffing(spread)),
  'attack-distributed-statuses': recorded(background('statuses'), stuffing({ ...spread, style: 'statuses' })),
  'low-and-slow': recorded(background('accounts'), stuffing({ ...single, durationMs: 50 * minute, start })),
  'look-alike-office': recorded(
    people({
      seed: 31,
      start,
      durationMs: 15 * minute,
      count: 250,
      typoShare: 0.2,
      giveUpShare: 0.03,
      ip: '192.0.2.10',
    }),
  ),
  'look-alike-office-statuses': recorded(
    people({
      seed: 32,
      start,
      durationMs: 15 * minute,
      count: 250,
      typoShare: 0.2,
      ip: '192.0.2.10',
      style: 'statuses',
    }),
  ),
  'look-alike-expired-passwords': recorded(
    background('statuses'),
    lockedOut({
      seed: 37,
      start: start + 10 * minute,
      durationMs: 15 * minute,
      count: 80,
      failuresMax: 2,
      inShare: 0.8,
      ip: '192.0.2.10',
    }),
  ),
  'look-alike-broken-deploy-statuses': lockedOut({
    seed: 38,
    start,
    durationMs: 15 * minute,
    count: 150,
    failuresMax: 4,
    inShare: 0,
  }),
  'look-alike-bad-release': recorded(
    background('accounts'),
    withJa4(people({ seed: 39, start, durationMs: 30 * minute, count: 100 }), appJa4),
    withJa4(
      lockedOut({
        seed: 40,
        start: start + 30 * minute,
        durationMs: 25 * minute,
        count: 85,
        failuresMax: 4,
        inShare: 0,
        style: 'accounts',
      }),
      appJa4,
    ),
  ),
  'look-alike-forgotten-password': recorded(
    background('accounts'),
    forgotPassword({ seed: 33, start, failures: 60, ip: '192.0.2.77' }),
    forgotPassword({ seed: 34, start, failures: 20, ip: '192.0.2.78', style: 'statuses' }),
  ),
  'look-alike-broken-deploy': recorded(
    brokenDeploy({
      seed: 35,
      start,
      durationMs: 40 * minute,
      count: 80,
      brokenAt: start + 20 * minute,
      fixedAt: start + 28 * minute,
    }),
    brokenDeploy({
      seed: 36,
      start,
      durationMs: 40 * minute,
      count: 25,
      brokenAt: start + 20 * minute,
      fixedAt: start + 28 * minute,
      ip: '192.0.2.10',
    }),
  ),
  'look-alike-robot': recorded(
    background('accounts'),
    Array.from({ length: 300 }, (_, index) =>
      logInEvent({
        time: start + index * 10 * second,
        account: 'ci@mail.example',
        ip: '192.0.2.90',
        ok: false,
      }),
    ),
  ),
}
export default fixtures
