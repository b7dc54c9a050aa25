import { type ChildProcess, fork } from 'node:child_process'
import { Worker, type WorkerOptions } from 'node:worker_threads'

const fromSource = new URL('./from-source.mjs', import.meta.url)

/** The script `name` beside the caller, whose `import.meta.url` is given: `.ts` from source, `.js` built. */
export function scriptBeside(caller: string, name: string): URL {
  return new URL(`./${name}${caller.endsWith('.ts') ? '.ts' : '.js'}`, caller)
}

/** Starts a thread with a script: `.ts` from source, `.js` built. */
export function startScript(script: URL, options: WorkerOptions): Worker {
  const isSource = script.pathname.endsWith('.ts')
  return new Worker(isSource ? fromSource : script, {
    ...options,
    argv: isSource ? [script.href] : [],
    // Flags of the process (a loader, an inspector's port) are not for the thread.
    execArgv: [],
  })
}

/** Starts a process with a script, which has `argument` as its last one and can send messages; it writes nowhere. */
export function forkScript(script: URL, argument: string): ChildProcess {
  const isSource = script.pathname.endsWith('.ts')
  return fork(isSource ? fromSource : script, [...(isSource ? [script.href] : []), argument], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
}
