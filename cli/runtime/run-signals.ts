import process, { stderr } from 'node:process'
import { isTerminalGone } from './reload/terminal-gone.ts'

export interface RunSignals {
  /** Aborts when the process is told to stop. */
  readonly stop: AbortSignal
  /** Takes what reloads. Called at once when somebody asked before: what was read may be older than that. */
  onReload(reload: () => void): void
}

const endings = ['SIGINT', 'SIGTERM'] as const

let signals: RunSignals | undefined

/**
 * The signals of a run, listened to from the first call on. Call it before all else: a SIGHUP that nobody listens to ends
 * the process.
 */
export function runSignals(): RunSignals {
  signals ??= listen()
  return signals
}

function listen(): RunSignals {
  const stop = new AbortController()
  const end = () => {
    if (!stop.signal.aborted) endWhatHangs()
    // Whichever comes next does what it does to every process, and ends it at once.
    for (const name of endings) process.off(name, end)
    stop.abort()
  }
  for (const name of endings) process.on(name, end)
  let isAsked = false
  let reload = () => {
    isAsked = true
  }
  process.on('SIGHUP', () => (isTerminalGone() ? end() : reload()))
  return {
    stop: stop.signal,
    onReload(listener) {
      reload = listener
      if (isAsked) listener()
    },
  }
}

/** Longer than receivers and copies are waited for, and shorter than supervisors usually wait for us. */
const stopMsMax = 20_000

/**
 * A call into the system that never returns (a dead network disk) would hold the process after the signal, and exit
 * waits for it too. What was committed is whole, as after kill -9.
 */
function endWhatHangs(): void {
  setTimeout(() => {
    stderr.write(
      `picket run did not end within ${stopMsMax / 1000} s of the signal, so it is killed; the next start goes on from its last commit\n`,
    )
    process.kill(process.pid, 'SIGKILL')
  }, stopMsMax).unref()
}
