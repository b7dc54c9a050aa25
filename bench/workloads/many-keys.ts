import type { Event } from '../../core/event/event.ts'
import { seededRandom } from '../../test/scenarios/random.ts'
import { eventsPerSecond, type Traffic } from './benign.ts'
import { mix, mixedId } from './mix.ts'
import { addressOf, networkAddress, requestFacts } from './people.ts'

/** Requests of one principal, on average. */
const requestsEach = 3

/** One request of one of very many principals, each with an address and a token of its own. */
export function requestOfMany(principal: number, time: number, serial: number): Event {
  const id = String(10_000 + (mix(serial, 61) % 40_000))
  return {
    ...requestFacts(time, serial),
    route: '/products/{id}',
    path: `/products/${id}`,
    'client.ip': principal % 3 === 0 ? networkAddress(principal, 62) : addressOf(principal, 62),
    'client.user_agent': 'Chrome/131.0 (Windows)',
    'client.ja4': 't13d1516h2_8daaf6152771_02713d6af862',
    'principal.id': `user-${1_000_000 + principal}`,
    'token.jti': mixedId(principal, 63),
    'object.type': 'products',
    'object.id': id,
  }
}

/** A failed log-in from an address of its own, with an account of its own. */
function failedLogIn(principal: number, time: number, serial: number): Event {
  return {
    ...requestFacts(time, serial),
    kind: 'auth',
    method: 'POST',
    route: '/login',
    path: '/login',
    status: 401,
    'client.ip': networkAddress(principal, 64),
    'client.user_agent': 'okhttp/4.12.0',
    'client.ja4': 't13d1312h2_f57a46bbacb6_ab7e3b40a677',
    'auth.account': `user-${1_000_000 + principal}@mail.example`,
    'auth.outcome': 'failure',
  }
}

/** `events` requests of a third as many principals, in no order; one in twenty is a failed log-in. */
export function* manyKeys(traffic: Traffic, events: number): Generator<Event, void> {
  const { seed, start, rate = eventsPerSecond } = traffic
  const random = seededRandom(seed)
  const principals = Math.max(1, Math.floor(events / requestsEach))
  let time = start
  for (let serial = 0; ; serial++) {
    const principal = random.int(0, principals - 1)
    time += random.gap(1000 / rate)
    const kind = random.chance(0.05) ? failedLogIn : requestOfMany
    yield kind(principal, Math.floor(time), serial)
  }
}
