import { setTimeout as sleep } from 'node:timers/promises'
import { AnswerCounter } from '../answer-counter.ts'
import type { ExtAuthz } from '../envoy/ext-authz-server.ts'
import type { ReplicatedTable } from '../replicated-table.ts'
import { type AnsweringThread, launchThread } from './launch-thread.ts'
import type { AnswerErrors } from './thread-messages.ts'

export interface GatewayThreadOptions {
  readonly host: string
  /** 0 lets the system choose; a thread that is started again gets the same. */
  readonly port: number
  /** Script of the thread: `.ts` from source, `.js` built. It calls `answerGateways`. */
  readonly script: URL
  /** Plain data for the script. */
  readonly settings: unknown
  readonly table: ReplicatedTable
  /** Told of errors that gateways got instead of answers, at most once a second. */
  readonly onErrors: (errors: AnswerErrors) => void
  /** Told of what a person should look after, such as keys that could not be read. */
  readonly onProblem?: (message: string) => void
  /** Told that nobody answers, and why; gateways let requests pass meanwhile. */
  readonly onDown: (message: string) => void
  /** Told that the thread answers again, with all decisions. */
  readonly onBack: () => void
}

/** One that lives so long is no longer held to have died again and again. */
const steadyMs = 60_000
/** Before a dead thread is started again; doubled each time. */
const waitMs = { min: 100, max: 5000 }

/**
 * Answers Envoy in a thread of its own, so that no work of this one delays a gateway. Rejects with why the thread
 * does not start. When it dies later it is started again, with the whole table, until that works; throttles begin full.
 */
export async function startGatewayThread(options: GatewayThreadOptions): Promise<ExtAuthz> {
  const { host, script, settings, table, onErrors, onDown, onBack, onProblem = () => {} } = options
  const counter = new AnswerCounter()
  const closing = new AbortController()
  const { signal } = closing
  const launch = (port: number) => {
    const data = { host, port, counts: counter.memory, settings }
    return launchThread({ script, data, table, signal, onErrors, onProblem })
  }
  let thread = await launch(options.port)
  const { port } = thread

  let nextWaitMs = waitMs.min
  async function relaunch(): Promise<AnsweringThread | undefined> {
    while (!signal.aborted) {
      await sleep(nextWaitMs, undefined, { signal }).catch(() => {})
      nextWaitMs = Math.min(nextWaitMs * 2, waitMs.max)
      try {
        return await launch(port)
      } catch (error) {
        if (!signal.aborted) onDown((error as Error).message)
      }
    }
    return undefined
  }
  async function keepRunning(): Promise<void> {
    while (!signal.aborted) {
      const startedAt = performance.now()
      const reason = await thread.ended
      if (signal.aborted) return
      if (performance.now() - startedAt > steadyMs) nextWaitMs = waitMs.min
      onDown(reason)
      const next = await relaunch()
      if (!next) return
      if (signal.aborted) return next.close()
      thread = next
      onBack()
    }
  }
  const kept = keepRunning()

  return {
    port,
    counts: () => counter.counts(),
    async close() {
      closing.abort()
      await thread.close()
      await kept
    },
  }
}
