import { appendFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '../../core/event/event.ts'
import { fixtureText } from '../scenarios/fixture-text.ts'

const tickMs = 50
/** Requests of one walk, which half of the time meet a refusal. */
const walkSteps = 60
const walkMs = 3000
/** Between the beginnings of two attacks of each kind. */
const attackEveryMs = 2000

/** Requests of ordinary people, and now and then a walk through ids and a token that is used after its end. */
export class OutageTraffic {
  readonly #path: string
  readonly #rate: number
  #serial = 0
  #attacks = 0
  #walkers: { readonly name: string; readonly from: number; step: number }[] = []

  constructor(path: string, rate: number) {
    this.#path = path
    this.#rate = rate
    writeFileSync(path, '')
  }

  /** Lines written so far. */
  get sent(): number {
    return this.#serial
  }

  /** Writes at the given rate, each event with the present time, until the signal aborts. */
  async write(signal: AbortSignal): Promise<void> {
    const started = Date.now()
    while (!signal.aborted) {
      const now = Date.now()
      const events: Event[] = []
      if (now >= started + this.#attacks * attackEveryMs) this.#attack(now, events)
      for (const walker of this.#walkers) this.#walk(walker, now, events)
      this.#walkers = this.#walkers.filter(({ step }) => step < walkSteps)
      while (this.#serial < ((now - started) * this.#rate) / 1000) events.push(this.#request(now))
      if (events.length > 0) appendFileSync(this.#path, fixtureText(events))
      await sleep(tickMs)
    }
  }

  #attack(now: number, events: Event[]): void {
    const number = this.#attacks++
    this.#walkers.push({ name: `walker-${number}`, from: now, step: 0 })
    events.push({
      ...this.#request(now),
      path: '/account/profile',
      route: '/account/profile',
      'principal.id': `late-${number}`,
      'token.jti': `expired-${number}`,
      'token.iat': now - 3_600_000,
      'token.exp': now - 300_000,
    })
  }

  #walk(
    walker: { readonly name: string; readonly from: number; step: number },
    now: number,
    events: Event[],
  ) {
    const due = Math.min(walkSteps, Math.floor(((now - walker.from) * walkSteps) / walkMs))
    for (; walker.step < due; walker.step++) {
      const id = String(5_000_000 + walker.step)
      events.push({
        ...this.#request(now),
        status: walker.step % 2 === 0 ? 403 : 200,
        route: '/invoices/{id}',
        path: `/invoices/${id}`,
        'client.ip': '203.0.113.9',
        'principal.id': walker.name,
        'object.type': 'invoices',
        'object.id': id,
      })
    }
  }

  #request(time: number): Event {
    const serial = this.#serial++
    const who = (serial * 7919) % 3000
    return {
      time,
      kind: 'http',
      vantage: 'edge',
      method: 'GET',
      host: 'shop.example',
      route: '/products/{id}',
      path: `/products/${(serial * 104_729) % 50_000}`,
      status: 200,
      'client.ip': `198.51.${who % 100}.${who % 250}`,
      'principal.id': `user-${who}`,
      'token.jti': `jti-${who}`,
    }
  }
}
