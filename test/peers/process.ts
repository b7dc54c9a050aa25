import { setTimeout as sleep } from 'node:timers/promises'
import { type ProcessEnd, type SpawnOptions, spawnTracked, type TrackedChild } from './tracked-child.ts'

export interface StartOptions extends SpawnOptions {
  /** Asked again and again until true. A rejection means "not yet": servers refuse connections at first. */
  readonly isReady: () => Promise<boolean>
  readonly readyMsMax?: number
  /** How long after SIGTERM a SIGKILL follows. */
  readonly stopMsMax?: number
}

export interface RunningProcess {
  readonly pid: number
  readonly ended: Promise<ProcessEnd>
  output(): string
  /** For tests of outages: SIGKILL, SIGSTOP, SIGCONT. */
  signal(name: NodeJS.Signals): boolean
  /** Resolves when the process has ended; may be called twice. */
  stop(): Promise<void>
}

/** Starts a server and resolves when it is ready, or rejects with what it wrote and leaves nothing running. */
export async function startProcess(options: StartOptions): Promise<RunningProcess> {
  const { command, isReady, readyMsMax = 60_000, stopMsMax = 10_000 } = options
  const child = spawnTracked(options)
  const deadline = new AbortController()
  const outcome = await Promise.race([
    child.ended.then(describeEnd),
    polledUntilReady(isReady, deadline.signal),
    sleep(readyMsMax, `was not ready within ${readyMsMax} ms`, { signal: deadline.signal }).catch(
      () => 'ready',
    ),
  ])
  deadline.abort()
  if (outcome !== 'ready' || child.pid === undefined) {
    await stopChild(child, stopMsMax)
    throw new Error(`${command} ${outcome}; it wrote:\n${child.output()}`)
  }
  return {
    pid: child.pid,
    ended: child.ended,
    output: child.output,
    signal: child.signal,
    stop: () => stopChild(child, stopMsMax),
  }
}

async function polledUntilReady(isReady: () => Promise<boolean>, signal: AbortSignal): Promise<string> {
  while (!signal.aborted) {
    if (await isReady().catch(() => false)) return 'ready'
    await sleep(50)
  }
  return 'was given up'
}

async function stopChild(child: TrackedChild, stopMsMax: number): Promise<void> {
  child.signal('SIGTERM')
  // A process that a test has paused takes the signal only once it goes on.
  child.signal('SIGCONT')
  const bound = new AbortController()
  const grace = sleep(stopMsMax, false, { signal: bound.signal }).catch(() => true)
  if (!(await Promise.race([child.ended, grace]))) {
    child.signal('SIGKILL')
    await child.ended
  }
  bound.abort()
}

function describeEnd({ code, signal, error }: ProcessEnd): string {
  if (error) return error.code === 'ENOENT' ? 'is not installed' : `could not be started (${error.message})`
  return `ended with ${code ?? signal} before it was ready`
}
