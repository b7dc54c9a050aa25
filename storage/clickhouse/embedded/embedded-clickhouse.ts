import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { AnalyticsError } from '../analytics-error.ts'
import { type LaunchedChild, launchChild } from './launch-child.ts'

export interface EmbeddedClickHouseOptions {
  /** Made when it is not there; one process at a time may have it open. */
  readonly folder: string
  /** Cap on the engine's memory, bytes; queries beyond it fail. */
  readonly memoryBytesMax?: number
  /** How long to wait for a folder that another process has open: one that was just killed still lets go of it. */
  readonly lockPatienceMs?: number
  /** Told when the engine's process died, and when it is back. */
  readonly report?: (problem: string) => void
}

/** ClickHouse without a server: chDB in a child process, behind ClickHouse's HTTP interface on loopback. */
export interface EmbeddedClickHouse {
  /** Stays the same when the process is started again, and so does the token. */
  readonly url: string
  readonly token: string
  /** Of the engine's process; `undefined` while there is none. */
  pid(): number | undefined
  /** Lets running statements end, for some seconds, then ends the process. */
  stop(): Promise<void>
}

const memoryBytesDefault = 1_000_000_000
const lockPatienceDefaultMs = 5_000
const lockDelayMs = 200
const restartDelayMs = 100
const restartDelayMsMax = 30_000
/** A process that lived so long starts the back-off anew. */
const steadyMs = 60_000
const stopTimeoutMs = 10_000

/**
 * Starts the engine and keeps it running: a process that dies is started again on the same port, with a growing delay.
 *
 * @throws AnalyticsError `missing` without the package chdb, `locked` when another process has the folder, `crashed`
 */
export async function startEmbeddedClickHouse(
  options: EmbeddedClickHouseOptions,
): Promise<EmbeddedClickHouse> {
  const {
    folder,
    memoryBytesMax = memoryBytesDefault,
    lockPatienceMs = lockPatienceDefaultMs,
    report,
  } = options
  makeFolder(folder)
  const token = randomBytes(32).toString('base64url')
  const launch = (port: number) => launchChild({ folder, token, port, memoryBytesMax })
  const first = await launchUnlocked(() => launch(0), lockPatienceMs)
  const keeper = new ChildKeeper(first, () => launch(first.port), report)
  return {
    url: `http://127.0.0.1:${first.port}`,
    token,
    pid: () => keeper.pid(),
    stop: () => keeper.stop(),
  }
}

async function launchUnlocked(
  launch: () => Promise<LaunchedChild>,
  patienceMs: number,
): Promise<LaunchedChild> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    try {
      return await launch()
    } catch (error) {
      const locked = error instanceof AnalyticsError && error.problem === 'locked'
      if (!locked || performance.now() + lockDelayMs > deadline) throw error
      await sleep(lockDelayMs)
    }
  }
}

function makeFolder(folder: string): void {
  try {
    // Copies of raw events are for the owner's eyes only.
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    const problem = `the data folder ${folder} cannot be made: ${(error as Error).message}`
    throw new AnalyticsError('crashed', problem, error)
  }
}

/** Watches a child and replaces it when it dies. */
class ChildKeeper {
  #child: ChildProcess | undefined
  #stopped = false
  #delayMs = restartDelayMs
  #restarting: Promise<void> = Promise.resolve()
  #wake: () => void = () => undefined
  readonly #relaunch: () => Promise<LaunchedChild>
  readonly #report: (problem: string) => void

  constructor(first: LaunchedChild, relaunch: () => Promise<LaunchedChild>, report?: (text: string) => void) {
    this.#relaunch = relaunch
    this.#report = report ?? (() => undefined)
    this.#watch(first.process)
  }

  pid(): number | undefined {
    return this.#child?.pid
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#wake()
    await this.#restarting
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
    const exited = once(child, 'exit')
    if (child.connected) child.disconnect()
    await exited
    clearTimeout(timer)
  }

  #watch(child: ChildProcess): void {
    this.#child = child
    const started = performance.now()
    child.once('exit', (code, signal) => {
      this.#child = undefined
      if (this.#stopped) return
      if (performance.now() - started > steadyMs) this.#delayMs = restartDelayMs
      this.#report(`the embedded ClickHouse ended with ${signal ?? `exit code ${code}`}; starting it again`)
      this.#restarting = this.#restart()
    })
  }

  async #restart(): Promise<void> {
    while (!this.#stopped) {
      await this.#pause(this.#delayMs)
      this.#delayMs = Math.min(this.#delayMs * 2, restartDelayMsMax)
      if (this.#stopped) return
      try {
        const { process } = await this.#relaunch()
        this.#watch(process)
        this.#report('the embedded ClickHouse is back')
        return
      } catch (error) {
        this.#report((error as Error).message)
      }
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
