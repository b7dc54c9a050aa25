import type { Event } from '../../core/event/event.ts'
import type { Random } from '../../test/scenarios/random.ts'
import { mixedId } from './mix.ts'
import { orderOf, type Person, person, requestFacts } from './people.ts'
import type { Actor } from './timeline.ts'
import { objectOf, type World } from './world.ts'

/** A person at work in a browser or an app: one token, requests at random times, at random an end. */
export class Session implements Actor {
  next: number
  readonly #world: World
  readonly #who: Person
  readonly #phone: boolean
  readonly #token: Partial<Event> | undefined
  readonly #gapMs: number
  readonly #leaves: number
  #ip: string
  #pending: Event[]

  /** `logsIn`: it begins with a log-in, some at the second try. */
  constructor(
    world: World,
    start: number,
    kind: {
      readonly phone: boolean
      readonly anonymous: boolean
      readonly gapMs: number
      readonly count: number
    },
    logsIn: boolean,
  ) {
    const { random } = world
    this.#world = world
    this.#phone = kind.phone
    this.#gapMs = kind.gapMs
    this.#leaves = 1 / kind.count
    this.#who = person(random.int(0, world.people - 1), kind.phone)
    this.#ip = this.#who.home
    this.#token = kind.anonymous
      ? undefined
      : {
          'principal.id': this.#who.id,
          'token.jti': mixedId(world.serial++, 42),
        }
    this.#pending = logsIn && !kind.anonymous ? logIn(random, this.#who) : []
    this.next = Math.floor(start)
  }

  act(): Event {
    const { random } = this.#world
    const facts = requestFacts(this.next, this.#world.serial++)
    const from = { 'client.ip': this.#ip, 'client.user_agent': this.#who.agent, 'client.ja4': this.#who.ja4 }
    const first = this.#pending.shift()
    if (first) {
      this.next += random.int(3000, 15_000)
      return { ...facts, ...first, ...from, time: facts.time }
    }
    // A phone leaves the house now and then, and comes back.
    if (this.#phone && random.chance(0.03))
      this.#ip = this.#ip === this.#who.home ? this.#who.mobile : this.#who.home
    this.next = random.chance(this.#leaves)
      ? Number.POSITIVE_INFINITY
      : this.next + 1 + Math.floor(random.gap(this.#gapMs))
    return { ...facts, ...visit(random, this.#who, this.#token !== undefined), ...from, ...this.#token }
  }
}

/** One try, or two. */
function logIn(random: Random, who: Person): Event[] {
  const attempt = (ok: boolean) =>
    ({
      kind: 'auth',
      method: 'POST',
      route: '/login',
      path: '/login',
      status: ok ? 200 : 401,
      'auth.account': `${who.id}@mail.example`,
      'auth.outcome': ok ? 'success' : 'failure',
    }) as Event
  return random.chance(0.08) ? [attempt(false), attempt(true)] : [attempt(true)]
}

/** What is looked at: products mostly, and own orders when signed in. */
function visit(random: Random, who: Person, signedIn: boolean): Partial<Event> {
  const luck = random.next()
  if (signedIn && luck < 0.25) return objectOf('orders', orderOf(who, random.int(0, 5)), random)
  if (luck < 0.7)
    return objectOf('products', String(10_000 + Math.floor(random.next() ** 3 * 40_000)), random)
  const path = luck < 0.82 ? '/search' : luck < 0.92 || !signedIn ? '/cart' : '/account/profile'
  return { route: path, path }
}
