import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { AnswerCounter } from '../answer-counter.ts'
import { startExtAuthz } from '../envoy/ext-authz-server.ts'
import type { IdentityOptions } from '../envoy/request-subject.ts'
import { applyChange } from '../replicated-table.ts'
import { errorPlace } from './error-place.ts'
import type { FromThread, ThreadData, ToThread } from './thread-messages.ts'

export interface AnsweringOptions extends Pick<ThreadData<unknown>, 'host' | 'port' | 'counts'> {
  readonly clock: Clock
  readonly identity: IdentityOptions
}

/** Errors can be as many as requests; the engine's thread must not have to read each. */
const reportEveryMs = 1000

/**
 * Runs the decision API in a worker thread, from a replica of the table that follows the messages of `port`. They
 * are read before each lookup, so that a decision binds every request that is looked up after it was posted.
 */
export async function answerGateways(port: MessagePort, options: AnsweringOptions): Promise<void> {
  const table = new DecisionTable()
  const report = reporter(port)
  let close: (() => Promise<void>) | undefined

  function obey(message: ToThread): void {
    try {
      if (message.kind === 'close') void close?.().then(() => port.close())
      else applyChange(table, message)
    } catch (error) {
      report(error)
    }
  }
  function catchUp(): void {
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) obey(next.message)
  }

  catchUp()
  const { host, port: listenPort, counts, clock, identity } = options
  try {
    const authz = await startExtAuthz({
      host,
      port: listenPort,
      table: {
        lookup(subject, nowMs) {
          catchUp()
          return table.lookup(subject, nowMs)
        },
      },
      clock,
      identity,
      counter: new AnswerCounter(counts),
      onError: report,
    })
    close = () => authz.close()
    port.on('message', obey)
    post(port, { kind: 'listening', port: authz.port })
  } catch (error) {
    post(port, { kind: 'failed', message: (error as Error).message })
  }
}

/** Tells the first error at once, and those of each second after it together. */
function reporter(port: MessagePort): (error: unknown) => void {
  let untold = 0
  let latest: unknown
  let timer: NodeJS.Timeout | undefined
  function tell(): void {
    post(port, { kind: 'errors', count: untold, place: errorPlace(latest) })
    untold = 0
    timer = setTimeout(() => {
      timer = undefined
      if (untold > 0) tell()
    }, reportEveryMs).unref()
  }
  return function report(error) {
    untold++
    latest = error
    if (!timer) tell()
  }
}

/** Tells the engine's thread of trouble that a person should look after. */
export function tellProblem(port: MessagePort, message: string): void {
  post(port, { kind: 'problem', message })
}

function post(port: MessagePort, message: FromThread): void {
  port.postMessage(message)
}
