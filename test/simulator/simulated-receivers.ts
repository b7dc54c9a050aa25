import { z } from 'zod'
import type { HttpClient, HttpResult } from '../../core/ports/http-client.ts'
import { type Action, defineAction, type EffectClass, type Outcome } from '../../core/response/action.ts'
import type { Effects } from './effects.ts'
import { forEver, type Life } from './life.ts'
import type { World } from './world.ts'

/** PagerDuty, as the page action reaches it. */
export function simulatedHttp(world: World, life: Life, effects: Effects): HttpClient {
  return {
    async send({ body = '{}' }) {
      const treatment = effects.treatment()
      const key = String((JSON.parse(body) as { dedup_key?: string }).dedup_key)
      effects.leaves('page', undefined)
      const answer = await life.call(
        'page',
        async (): Promise<HttpResult> => {
          if (treatment === 'busy') return response(world.random.pick([429, 503]))
          if (treatment === 'request-lost') return { kind: 'unknown', why: 'the connection was lost' }
          if (treatment !== 'hangs') effects.happens('keyed', 'page', key)
          return treatment === 'ok' ? response(202) : { kind: 'unknown', why: 'no answer' }
        },
        travel(world),
      )
      return treatment.startsWith('hangs') ? forEver() : answer
    },
  }
}

function response(status: number): HttpResult {
  return { kind: 'response', status, headers: {}, body: '' }
}

/** Actions of every effect class, each with a receiver that behaves as its class says. */
export function simulatedActions(world: World, life: Life, effects: Effects): Action[] {
  const classes = {
    mail: 'verifiable',
    ticket: 'keyed',
    text: 'at_most_once',
    post: 'at_least_once',
  } as const
  return Object.entries(classes).map(([id, effect]) => sender(id, effect, { world, life, effects }))
}

interface Reach {
  readonly world: World
  readonly life: Life
  readonly effects: Effects
}

function sender(id: string, effect: EffectClass, { world, life, effects }: Reach): Action {
  return defineAction({
    id,
    summary: 'A receiver of the simulator.',
    targets: [],
    with: z.strictObject({}),
    effect: world.canary?.effectOf?.(id) ?? effect,
    enforces: false,
    reversible: true,
    acceptsProvisional: false,
    async apply({ key, playbook }): Promise<Outcome> {
      const treatment = effects.treatment()
      effects.leaves(id, playbook)
      await life.call(
        `${id} apply`,
        async () => {
          if (treatment === 'ok' || treatment === 'answer-lost' || treatment === 'hangs-done')
            effects.happens(effect, id, key)
        },
        travel(world),
      )
      if (treatment === 'busy') return { status: 'retry', afterMs: 4000, why: 'busy' }
      if (treatment === 'answer-lost' || treatment === 'request-lost')
        throw new Error('the connection was lost')
      return treatment === 'ok' ? { status: 'applied' } : forEver()
    },
    async verify({ key }) {
      const isBlind = world.areTargetsAway || world.chance(world.plan.rates.verifyBlind)
      const found = await life.call(`${id} verify`, async () => effects.count(id, key) > 0, travel(world))
      if (effect !== 'verifiable' || isBlind) return 'unknown'
      return found ? 'present' : 'absent'
    },
    undo: async () => ({ status: 'applied' }),
  })
}

function travel({ random }: World) {
  return { thereMs: random.int(1, 300), backMs: random.int(1, 300) }
}
