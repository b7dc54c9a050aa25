import { Worker, type WorkerOptions } from 'node:worker_threads'

/** The script `name` beside the caller, whose `import.meta.url` is given: `.ts` from source, `.js` built. */
export function scriptBeside(caller: string, name: string): URL {
  return new URL(`./${name}${caller.endsWith('.ts') ? '.ts' : '.js'}`, caller)
}

/** Starts a thread with a script: `.ts` from source, `.js` built. */
export function startScript(script: URL, options: WorkerOptions): Worker {
  const isSource = script.pathname.endsWith('.ts')
  return new Worker(isSource ? new URL('./from-source.mjs', import.meta.url) : script, {
    ...options,
    argv: isSource ? [script.href] : [],
    // Flags of the process (a loader, an inspector's port) are not for the thread.
    execArgv: [],
  })
}
