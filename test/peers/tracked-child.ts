import { type ChildProcess, spawn } from 'node:child_process'

/** Enough for a Java stack trace, and little enough for an error message. */
const outputCharsMax = 16_384

/** How a process ended; `error` says why it never started. */
export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly error?: NodeJS.ErrnoException
}

export interface SpawnOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
}

export interface TrackedChild {
  readonly pid: number | undefined
  readonly ended: Promise<ProcessEnd>
  /** The last part of standard output and error, as they came. */
  output(): string
  /** False when it has ended already. Node signals only its own living child, never a reused pid. */
  signal(name: NodeJS.Signals): boolean
}

const living = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

/** Starts a process that can't outlive this one, however this one dies. */
export function spawnTracked(options: SpawnOptions): TrackedChild {
  const { command, args, cwd, env } = options
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd && { cwd }),
    ...(env && { env: { ...process.env, ...env } }),
  })
  living.add(child)
  const dismissWatchdog = watchOver(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output = (output + text).slice(-outputCharsMax)
    })
  }
  const ended = ending(child).finally(() => {
    living.delete(child)
    dismissWatchdog()
  })
  return { pid: child.pid, ended, output: () => output, signal: (name) => child.kill(name) }
}

/** Resolves with all output read; a grandchild that keeps the pipes open delays it only a little. */
function ending(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }))
    child.once('close', (code, signal) => resolve({ code, signal }))
    child.once('exit', (code, signal) => setTimeout(resolve, 500, { code, signal }).unref())
  })
}

/**
 * Vitest ends a stuck worker with SIGKILL, and then no exit handler runs. So a shell waits for the end of a
 * pipe that only we hold, and kills the child when we are gone. Returns how to dismiss it.
 */
function watchOver(child: ChildProcess): () => void {
  if (child.pid === undefined || process.platform === 'win32') return () => {}
  const script = 'read -r _; kill -KILL "$1"'
  const watchdog = spawn('/bin/sh', ['-c', script, 'watchdog', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  watchdog.once('error', () => {})
  watchdog.unref()
  return () => watchdog.kill('SIGKILL')
}
