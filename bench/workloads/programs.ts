import type { Event } from '../../core/event/event.ts'
import { mix, mixedId } from './mix.ts'
import { addressOf, requestFacts } from './people.ts'
import type { Actor } from './timeline.ts'
import { objectOf, type World } from './world.ts'

/** A program of a partner that pages through lists with a key, and reads some of what they list. */
export class Pager implements Actor {
  next: number
  readonly #world: World
  readonly #index: number
  readonly #gapMs: number
  readonly #leaves: number

  constructor(world: World, start: number, kind: { readonly gapMs: number; readonly count: number }) {
    this.#world = world
    this.#index = world.random.int(1, 400)
    this.#gapMs = kind.gapMs
    this.#leaves = 1 / kind.count
    this.next = Math.floor(start)
  }

  act(): Event {
    const { random } = this.#world
    const facts = requestFacts(this.next, this.#world.serial++)
    const ends = random.chance(this.#leaves)
    this.next = ends ? Number.POSITIVE_INFINITY : this.next + 1 + Math.floor(random.gap(this.#gapMs))
    const visit = random.chance(0.8)
      ? { route: '/v2/orders', path: '/v2/orders' }
      : objectOf('orders', String(1_000_000 + (mix(random.int(0, 5000), this.#index) % 8_000_000)), random)
    return {
      ...facts,
      ...visit,
      'client.ip': addressOf(this.#index, 14),
      'client.id': `partner-${this.#index}`,
      'client.user_agent': 'partner-sync/3.4 (Java 21)',
      'client.ja4': 't13d181200_5d04281c6031_ef7df7f74e48',
      'principal.id': `svc-${this.#index}`,
      'key.id': `key-${mix(this.#index, 15).toString(16)}`,
    }
  }
}

/** A provider that delivers webhooks from a few addresses, signed and in time. */
export class Deliveries implements Actor {
  next: number
  readonly #world: World
  readonly #provider: number
  readonly #gapMs: number

  constructor(world: World, start: number, provider: number, gapMs: number) {
    this.#world = world
    this.#provider = provider
    this.#gapMs = gapMs
    this.next = Math.floor(start + world.random.gap(gapMs))
  }

  act(): Event {
    const { random } = this.#world
    const facts = requestFacts(this.next, this.#world.serial++)
    this.next += 1 + Math.floor(random.gap(this.#gapMs))
    const provider = ['paywell', 'parcelo', 'mailcrew', 'chatterbox'][this.#provider] ?? 'paywell'
    return {
      ...facts,
      kind: 'webhook',
      method: 'POST',
      route: `/webhooks/${provider}`,
      path: `/webhooks/${provider}`,
      'client.ip': addressOf(this.#provider * 8 + random.int(0, 5), 16),
      'client.user_agent': `${provider}-hooks/1.0`,
      'webhook.provider': provider,
      'webhook.id': `evt_${mixedId(this.#world.serial, 43)}`,
      'webhook.timestamp': facts.time - random.int(200, 3000),
      'webhook.signature': 'valid',
    }
  }
}
