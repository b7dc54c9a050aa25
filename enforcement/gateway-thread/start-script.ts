import { Worker, type WorkerOptions } from 'node:worker_threads'

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
