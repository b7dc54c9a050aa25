import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'

export interface ReadyOptions {
  /** Names of the sources, each once. */
  readonly sources: readonly string[]
  readonly log: Pick<Logger, 'info' | 'warn'>
  /** When it aborts there is nothing more to be ready for. */
  readonly signal: AbortSignal
  /** How long `ready` waits for sources that are slow to open, milliseconds. */
  readonly patienceMs?: number
}

/** Joining a consumer group takes three seconds or more. */
const patienceDefaultMs = 5000

/**
 * Logs `ready` with the sources that are open and those still opening: once all are open, or after a while, for one
 * that is away holds up no other. While none is open it says so and waits for the first. Those that come later are
 * logged then. Call the result when a source has opened.
 */
export function announceReady(options: ReadyOptions): (source: string) => void {
  const { sources, log, signal, patienceMs = patienceDefaultMs } = options
  const opening = new Set(sources)
  const open: string[] = []
  let isPatient = true
  let isReady = false
  function ready(): void {
    if (isReady || signal.aborted) return
    isReady = true
    log.info({ open: [...open], opening: [...opening] }, 'ready')
  }
  function losePatience(): void {
    isPatient = false
    if (open.length > 0) ready()
    else if (!signal.aborted) log.warn({ opening: [...opening] }, 'no source is open yet; waiting for these')
  }
  sleep(patienceMs, undefined, { signal, ref: false }).then(losePatience, () => {})
  return function opened(source) {
    if (!opening.delete(source)) return
    open.push(source)
    if (isReady) log.info({ source }, 'source open')
    else if (opening.size === 0 || !isPatient) ready()
  }
}
