import { dedupKey } from '../../actions/page/pagerduty-event.ts'
import type { EffectClass } from '../../core/response/action.ts'
import type { Run } from '../../core/response/run.ts'
import type { World } from './world.ts'

/** What a receiver did. */
interface Effect {
  readonly action: string
  readonly key: string
}

/** What became of one request, drawn when it was sent. */
export type Treatment = 'ok' | 'busy' | 'answer-lost' | 'request-lost' | 'hangs' | 'hangs-done'

/** The receivers outside and all that they ever did. They outlive every process. */
export class Effects {
  readonly #world: World
  readonly #done: Effect[] = []

  constructor(world: World) {
    this.#world = world
  }

  /** How often an action had an effect under a key. */
  count(action: string, key: string): number {
    return this.#done.filter((effect) => effect.action === action && effect.key === key).length
  }

  /** All keys under which an action had an effect. */
  keys(action: string): ReadonlySet<string> {
    return new Set(this.#done.flatMap((effect) => (effect.action === action ? [effect.key] : [])))
  }

  /** A request is about to leave the process: nobody may have forbidden it by now. */
  leaves(action: string, playbook: string | undefined): void {
    const { engaged } = this.#world
    const forbidden =
      engaged.call(this.#world, 'global') ??
      engaged.call(this.#world, 'connector', action) ??
      (playbook && engaged.call(this.#world, 'playbook', playbook))
    if (forbidden) this.#world.violate(`${action} of ${playbook} was done under an engaged kill switch`)
  }

  /** The effect happens. Its intent must be durable, and unanswered, by then. */
  happens(effect: EffectClass, action: string, key: string): void {
    const open = this.#world.memory.openIntents().filter(({ body }) => body.includes(`"action":"${action}"`))
    const isMeant =
      action === 'page'
        ? open.some(({ run }) => this.#pageKey(run) === key)
        : open.some((row) => row.key === key)
    if (!isMeant) this.#world.violate(`${action} ${key} happened without an open intent in the journal`)
    // A receiver that knows the key does nothing the second time.
    if (effect === 'keyed' && this.count(action, key) > 0) return
    this.#done.push({ action, key })
  }

  /** What becomes of the next request. */
  treatment(): Treatment {
    const world = this.#world
    const { rates } = world.plan
    if (world.areTargetsAway) return world.random.pick(['busy', 'request-lost', 'hangs'])
    if (world.chance(rates.targetFails)) return 'busy'
    if (world.chance(rates.answerLost)) return 'answer-lost'
    if (world.chance(rates.requestLost)) return 'request-lost'
    if (world.chance(rates.targetHangs)) return world.random.pick(['hangs', 'hangs-done'])
    return 'ok'
  }

  #pageKey(run: string): string | undefined {
    const body = this.#world.memory.runs.get(run)?.body
    return body === undefined ? undefined : dedupKey((JSON.parse(body) as Run).finding)
  }
}
