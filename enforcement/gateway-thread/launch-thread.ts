import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import type { ReplicatedTable } from '../replicated-table.ts'
import { errorPlace } from './error-place.ts'
import { startScript } from './start-script.ts'
import type { AnswerErrors, FromThread, ThreadData, ToThread } from './thread-messages.ts'

export interface LaunchOptions {
  /** Script of the thread: `.ts` from source, `.js` built. It calls `answerGateways`. */
  readonly script: URL
  readonly data: ThreadData<unknown>
  readonly table: ReplicatedTable
  /** Ends a thread that is not yet listening. */
  readonly signal: AbortSignal
  readonly onErrors: (errors: AnswerErrors) => void
  readonly onProblem: (message: string) => void
}

/** A thread that answers. */
export interface AnsweringThread {
  readonly port: number
  /** Resolves when it has ended, with what it died of. */
  readonly ended: Promise<string>
  /** Answers what is under way, then ends; cut short after `closeMsMax`. */
  close(): Promise<void>
}

/** The server gives Envoy a second to let go of its connections. */
const closeMsMax = 1250
/** 100,000 decisions take 130 MB, 380 with the longest texts; a leak must not take what the engine needs. */
const heapMbMax = 512

/** Starts the thread and waits until it listens. Rejects with why it does not. */
export async function launchThread(options: LaunchOptions): Promise<AnsweringThread> {
  const { table, signal } = options
  signal.throwIfAborted()
  const worker = startWorker(options)
  const terminate = () => void worker.terminate()
  signal.addEventListener('abort', terminate, { once: true })
  const unfollow = table.follow((change) => post(worker, change))
  const ended = endOf(worker).finally(unfollow)
  try {
    const port = await listening(worker, options)
    signal.throwIfAborted()
    return { port, ended, close: () => close(worker, ended) }
  } catch (error) {
    await worker.terminate()
    throw error
  } finally {
    signal.removeEventListener('abort', terminate)
  }
}

function startWorker({ script, data }: LaunchOptions): Worker {
  return startScript(script, {
    name: 'gateways',
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: heapMbMax },
  })
}

function endOf(worker: Worker): Promise<string> {
  return new Promise((resolve) => {
    let reason: string | undefined
    worker.on('error', (error) => {
      reason = errorPlace(error)
    })
    worker.once('exit', (code) => resolve(reason ?? `exit code ${code}`))
  })
}

function listening(worker: Worker, { onErrors, onProblem }: LaunchOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'listening') resolve(message.port)
      else if (message.kind === 'failed') reject(new Error(message.message))
      else if (message.kind === 'problem') onProblem(message.message)
      else onErrors(message)
    })
    worker.once('error', (error) => reject(startError(error.message)))
    worker.once('exit', (code) => reject(startError(`exit code ${code}`)))
  })
}

function startError(reason: string): Error {
  return new Error(`the thread that answers gateways did not start: ${reason}`)
}

async function close(worker: Worker, ended: Promise<string>): Promise<void> {
  post(worker, { kind: 'close' })
  const timer = new AbortController()
  const late = sleep(closeMsMax, undefined, { signal: timer.signal }).catch(() => {})
  await Promise.race([ended, late])
  timer.abort()
  await worker.terminate()
}

function post(worker: Worker, message: ToThread): void {
  worker.postMessage(message)
}
