import { type Examination, resultsAbout } from './examination.ts'

/** How far another machine's clock is ahead of ours, milliseconds, and how exactly that is known. */
export interface ClockSample {
  readonly of: string
  readonly offsetMs: number
  readonly withinMs: number
}

/** Asks one machine for its time; `undefined` when it does not tell. May reject when it can't be reached. */
export type AskTime = (signal: AbortSignal) => Promise<ClockSample | undefined>

/** More than this is refused as `time_ahead`, whichever of the two clocks is wrong. */
const aheadMsMax = 5 * 60_000
/** Synchronised clocks differ by less. */
const goodMs = 2000

/** A server that is away must not take the time of the whole examination. */
const askMsMax = 5000

/** Holds our clock against those of machines that we are configured to speak with. Kafka tells no time. */
export function clock(ask: readonly AskTime[]): Examination {
  const about = 'clock'
  const { ok, warn, fail } = resultsAbout(about)
  return {
    about,
    async examine(signal) {
      const soon = AbortSignal.any([signal, AbortSignal.timeout(askMsMax)])
      const asked = await Promise.all(ask.map((one) => one(soon).catch(() => undefined)))
      const samples = asked.filter((sample) => sample !== undefined)
      if (samples.length === 0) {
        const todo = 'see that this machine is synchronised, such as with chronyc tracking or timedatectl'
        return [warn('nothing that is configured and reachable tells its time to compare with', todo)]
      }
      return samples.map(({ of, offsetMs, withinMs }) => {
        const sure = Math.max(0, Math.abs(offsetMs) - withinMs)
        const way = offsetMs > 0 ? 'ahead of' : 'behind'
        const told = `${of} is ${(Math.abs(offsetMs) / 1000).toFixed(1)} s ${way} this clock, give or take ${withinMs / 1000} s`
        const todo = 'synchronise both clocks (NTP): events that lie over 5 min ahead of ours are refused'
        if (sure > aheadMsMax) return fail(told, todo)
        if (sure > goodMs) return warn(told, todo)
        return ok(told)
      })
    },
  }
}

/** The time in the answer of an HTTP server, whatever the answer is. Its `Date` has whole seconds. */
export function httpTime(url: string): AskTime {
  return async function ask(signal) {
    const before = Date.now()
    const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal })
    const local = (before + Date.now()) / 2
    const date = Date.parse(response.headers.get('date') ?? '')
    if (Number.isNaN(date)) return undefined
    const withinMs = 500 + Math.ceil((Date.now() - before) / 2)
    return { of: new URL(url).host, offsetMs: date + 500 - local, withinMs }
  }
}
