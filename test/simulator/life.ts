import type { Waits } from '../../cli/runtime/waits.ts'
import type { Random } from '../scenarios/random.ts'
import type { Plan } from './plan.ts'
import type { Scheduler } from './scheduler.ts'

/** How long a call takes on its way to its effect and back, milliseconds. */
export interface Travel {
  readonly thereMs?: number
  readonly backMs?: number
}

/** What all lives of a run share. */
export interface Fate {
  readonly plan: Plan
  readonly scheduler: Scheduler
  readonly random: Random
  /** Port calls of all lives, all of them and by the first word of their name. */
  calls: number
  readonly callsOf: Map<string, number>
}

/**
 * One process from start to end, as its calls of the ports see it. When it is killed its memory goes on running, but
 * nothing that it calls ever answers, and what was under way has its effect or has it not: all or nothing.
 */
export class Life implements Waits {
  isAlive = true
  /** The call at which it was killed. */
  killedAt: string | undefined
  readonly #fate: Fate
  readonly #onKilled: () => void
  readonly #underWay = new Set<() => Promise<unknown>>()
  readonly #timeouts = new Set<AbortController>()

  constructor(fate: Fate, onKilled: () => void) {
    this.#fate = fate
    this.#onKilled = onKilled
  }

  /** A call of a port whose effect lies outside this process. */
  call<T>(name: string, effect: () => Promise<T>, { thereMs = 0, backMs = 0 }: Travel = {}): Promise<T> {
    if (!this.isAlive) return forEver()
    const { plan, scheduler } = this.#fate
    const { callsOf } = this.#fate
    const number = ++this.#fate.calls
    const [kind = name] = name.split(' ')
    const ofKind = (callsOf.get(kind) ?? 0) + 1
    callsOf.set(kind, ofKind)
    scheduler.trace(name)
    const crash = plan.crashes.find(({ call, of }) =>
      of === undefined ? call === number : of === kind && call === ofKind,
    )
    if (crash) {
      if (crash.after) effect().catch(() => {})
      this.kill(`${name}, call ${number}, ${crash.after ? 'after' : 'before'} its effect`)
      return forEver()
    }
    return new Promise<T>((resolve, reject) => {
      this.#underWay.add(effect)
      scheduler.after(thereMs, () => {
        if (!this.#underWay.delete(effect)) return
        effect().then(
          (value) => scheduler.after(backMs, () => this.isAlive && resolve(value)),
          (error: unknown) => scheduler.after(backMs, () => this.isAlive && reject(error)),
        )
      })
    })
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    let wake = () => {}
    const woken = new Promise<void>((resolve) => {
      wake = resolve
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', wake, { once: true })
    })
    await Promise.race([this.call('sleep', async () => {}, { thereMs: ms }), woken])
    signal.removeEventListener('abort', wake)
  }

  turn(): Promise<void> {
    return this.call('turn', async () => {})
  }

  /** A signal that aborts after the time, milliseconds. */
  timeout(ms: number): AbortSignal {
    const controller = new AbortController()
    this.#timeouts.add(controller)
    this.#fate.scheduler.after(ms, () => {
      if (this.#timeouts.delete(controller) && this.isAlive) controller.abort()
    })
    return controller.signal
  }

  /** kill -9. */
  kill(where: string): void {
    if (!this.isAlive) return
    this.isAlive = false
    this.killedAt = where
    const { scheduler, random } = this.#fate
    scheduler.trace(`killed at ${where}`)
    for (const effect of this.#underWay) if (random.chance(0.5)) effect().catch(() => {})
    this.end()
    this.#onKilled()
  }

  /** The process is no more: nothing that waits in it is woken by time. */
  end(): void {
    this.isAlive = false
    this.#underWay.clear()
    // A signal with listeners is never collected, and would keep the memory of the dead.
    for (const controller of this.#timeouts) controller.abort()
    this.#timeouts.clear()
  }
}

/** A new one each time: whoever waits for a promise is kept as long as that is. */
export function forEver(): Promise<never> {
  return new Promise(() => {})
}
